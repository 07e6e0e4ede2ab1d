using Mlops.Contracts;

namespace Mlops.Benchmarks.Quality;

/// <summary>
/// How good models with default settings are on rows that training never saw: mean accuracy, or root mean squared error, over
/// five seeds, beside scikit-learn's models with theirs. Those may learn from our validation rows too.
/// </summary>
internal static class QualityTopic
{
    private const int Seeds = 5;

    // Null leaves the choice to the trainer.
    private static readonly (string Name, string? Model)[] ForTables = [("picked", null), Plain("linear"), Plain("mlp"), Plain("residual-mlp"), Plain("boosted-trees")];

    public static IReadOnlyDictionary<string, Func<Figures, Task>> Parts { get; } = new Dictionary<string, Func<Figures, Task>>
    {
        ["iris"] = Of("iris", "class", TaskKind.Classification, ForTables),
        ["penguins"] = Of("penguins", "species", TaskKind.Classification, [.. ForTables, Plain("embedding-mlp")]),
        ["wine"] = Of("wine", "class", TaskKind.Classification, ForTables),
        ["digits"] = Of("digits", "class", TaskKind.Classification, [.. ForTables, ("cnn", """{ "type": "cnn", "shape": [1, 8, 8] }""")]),
        ["diabetes"] = Of("diabetes", "target", TaskKind.Regression, ForTables),
        ["churn"] = Of("churn", "churn", TaskKind.Classification, [.. ForTables, Plain("embedding-mlp")]),
        ["fine_foods"] = Of("fine_foods", "score", TaskKind.Classification, [("picked", null), Plain("text-bag"), Plain("text-transformer")]),
        ["breast-cancer"] = Made("breast-cancer", TaskKind.Classification),
        ["hastie"] = Made("hastie", TaskKind.Classification),
        ["clusters"] = Made("clusters", TaskKind.Classification),
        ["rare"] = Made("rare", TaskKind.Classification),
        ["moons"] = Made("moons", TaskKind.Classification),
        ["few-rows"] = Made("few-rows", TaskKind.Classification),
        ["friedman1"] = Made("friedman1", TaskKind.Regression),
        ["friedman2"] = Made("friedman2", TaskKind.Regression),
        ["sparse"] = Made("sparse", TaskKind.Regression),
        ["prices"] = Made("prices", TaskKind.Regression),
    };

    private static (string Name, string Model) Plain(string type) => (type, $$"""{ "type": "{{type}}" }""");

    private static Func<Figures, Task> Of(string name, string target, TaskKind task, (string Name, string? Model)[] models) =>
        figures => Compare(name, Path.Combine(AppContext.BaseDirectory, "Samples", $"{name}.csv"), target, task, models, figures);

    // What scikit-learn brings or makes: of the defaults, only the refit and the activation were chosen by them.
    private static Func<Figures, Task> Made(string name, TaskKind task) => async figures =>
    {
        var csv = Path.GetTempFileName();
        try
        {
            using var maker = new Python("Quality/made.py", "python3-sklearn");
            maker.Ask<string>(new { name, classes = task == TaskKind.Classification, path = csv });
            await Compare(name, csv, "target", task, ForTables, figures);
        }
        finally
        {
            File.Delete(csv);
        }
    };

    private static Task Compare(string name, string csv, string target, TaskKind task, (string Name, string? Model)[] models, Figures figures)
    {
        using var scikit = new Python("Quality/scikit.py", "python3-sklearn");
        var theirs = new List<Dictionary<string, double>>();
        var ours = new Dictionary<string, List<double>>();
        for (var seed = 1; seed <= Seeds; seed++)
        {
            var trial = Trial.Read(csv, target, task, seed);
            theirs.Add(scikit.Ask<Dictionary<string, double>>(trial.ForScikit()));
            foreach (var (model, settings) in models)
                (ours.TryGetValue(model, out var scores) ? scores : ours[model] = []).Add(trial.Score(settings));
        }
        foreach (var model in theirs[0].Keys)
            Add(figures, $"{name}-scikit-{model}", theirs.Average(scores => scores[model]));
        foreach (var (model, scores) in ours)
            Add(figures, $"{name}-{model}", scores.Average());
        return Task.CompletedTask;

        void Add(Figures figures, string figure, double value) => figures.Add(figure, task == TaskKind.Classification ? 100 * value : value, task == TaskKind.Classification ? "%" : "rmse");
    }
}
