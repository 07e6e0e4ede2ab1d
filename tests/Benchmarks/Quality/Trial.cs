using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Tabular;
using Mlops.Training;

namespace Mlops.Benchmarks.Quality;

/// <summary>A data set, shared out by a seed.</summary>
internal sealed class Trial
{
    private readonly string _csv;
    private readonly int _seed;
    private readonly TaskKind _task;
    private readonly Table _table;
    private readonly RowSplit _split;
    private readonly string _target;

    private Trial(string csv, string target, TaskKind task, int seed)
    {
        (_csv, _target, _task, _seed) = (csv, target, task, seed);
        var spec = SpecOf(null);
        using var file = File.OpenRead(csv);
        _table = CsvTable.Read(file, CsvOptions.For(spec), CancellationToken.None);
        _split = RowSplit.Make(_table, spec.Split, spec.Target, task);
    }

    public static Trial Read(string csv, string target, TaskKind task, int seed) => new(csv, target, task, seed);

    /// <summary>Trains a model with its defaults.</summary>
    /// <param name="model">The spec's <c>model</c>; null for none.</param>
    /// <returns>Accuracy, or root mean squared error, of the test rows.</returns>
    public double Score(string? model)
    {
        var spec = SpecOf(model);
        var test = Rows(SplitPart.Test);
        using var trained = new ModelTrainer(TimeProvider.System).Train(new TrainingInput
        {
            Spec = spec,
            Train = Rows(SplitPart.Train),
            Validation = Rows(SplitPart.Validation),
            Together = _table.Select([.. Enumerable.Range(0, _table.Rows).Where(row => _split[row] != SplitPart.Test)]),
        });
        var answers = trained.Predict(test);
        return _task == TaskKind.Classification ? Accuracy(answers, test, trained.Signature.Classes) : RootMeanSquare(answers, (NumericColumn)test[_target]);
    }

    /// <summary>What the other side is told.</summary>
    public object ForScikit() => new
    {
        csv = _csv,
        target = _target,
        classes = _task == TaskKind.Classification,
        seed = _seed,
        parts = Enumerable.Range(0, _table.Rows).Select(row => (int)_split[row]),
        kinds = _table.Columns.ToDictionary(column => column.Name, column => column switch
        {
            CategoricalColumn texts => texts.Levels.Count > texts.Count / 2 ? "text" : "level",
            _ => "number",
        }),
    };

    private Table Rows(SplitPart part) => _table.Select([.. Enumerable.Range(0, _table.Rows).Where(row => _split[row] == part)]);

    private PipelineSpec SpecOf(string? model) => PipelineSpec.Parse(
        $$"""
        {
          "task": "{{SpecJson.NameOf(_task)}}", "target": "{{_target}}", "split": { "seed": {{_seed}} }, "training": { "seed": {{_seed}} }
          {{(model is null ? "" : $", \"model\": {model}")}}
        }
        """,
        "quality");

    private double Accuracy(float[] answers, Table test, IReadOnlyList<string> classes)
    {
        var truth = (CategoricalColumn)test[_target];
        return answers.Chunk(classes.Count).Index().Average(row => classes[Array.IndexOf(row.Item, row.Item.Max())] == truth.TextAt(row.Index) ? 1.0 : 0);
    }

    private static double RootMeanSquare(float[] answers, NumericColumn truth)
    {
        var squares = 0.0;
        for (var row = 0; row < answers.Length; row++)
            squares += Math.Pow(answers[row] - truth.Values[row], 2);
        return Math.Sqrt(squares / answers.Length);
    }
}
