using Mlops.Contracts;

namespace Mlops.Benchmarks.Quality;

/// <summary>
/// How good models with default settings are on rows that training never saw: mean accuracy, or root mean squared error, over
/// five seeds, beside scikit-learn's models with theirs. Those may learn from our validation rows too.
/// </summary>
internal static class QualityTopic
{
    private const int Seeds = 5;
    private const string Picked = "picked";

    private static readonly string[] ForTables = ["linear", "mlp", "residual-mlp", "boosted-trees"];

    public static IReadOnlyDictionary<string, Func<Figures, Task>> Parts { get; } = new Dictionary<string, Func<Figures, Task>>
    {
        ["iris"] = Of("iris", "class", TaskKind.Classification, ForTables),
        ["penguins"] = Of("penguins", "species", TaskKind.Classification, [.. ForTables, "embedding-mlp"]),
        ["wine"] = Of("wine", "class", TaskKind.Classification, ForTables),
        ["digits"] = Of("digits", "class", TaskKind.Classification, [.. ForTables, "cnn"]),
        ["diabetes"] = Of("diabetes", "target", TaskKind.Regression, ForTables),
        ["churn"] = Of("churn", "churn", TaskKind.Classification, [.. ForTables, "embedding-mlp"]),
        ["fine_foods"] = Of("fine_foods", "score", TaskKind.Classification, ["text-bag"]),
    };

    private static Func<Figures, Task> Of(string name, string target, TaskKind task, string[] models) => figures =>
    {
        using var scikit = new Python("Quality/scikit.py", "python3-sklearn");
        var theirs = new List<Dictionary<string, double>>();
        var ours = new Dictionary<string, List<double>>();
        for (var seed = 1; seed <= Seeds; seed++)
        {
            var trial = Trial.Read(name, target, task, seed);
            theirs.Add(scikit.Ask<Dictionary<string, double>>(trial.ForScikit()));
            foreach (var model in models.Prepend(Picked))
                (ours.TryGetValue(model, out var scores) ? scores : ours[model] = []).Add(trial.Score(model == Picked ? null : model == "cnn" ? """{ "type": "cnn", "shape": [1, 8, 8] }""" : $$"""{ "type": "{{model}}" }"""));
        }
        foreach (var model in theirs[0].Keys)
            Add(figures, $"{name}-scikit-{model}", theirs.Average(scores => scores[model]));
        foreach (var (model, scores) in ours)
            Add(figures, $"{name}-{model}", scores.Average());
        return Task.CompletedTask;

        void Add(Figures figures, string figure, double value) => figures.Add(figure, task == TaskKind.Classification ? 100 * value : value, task == TaskKind.Classification ? "%" : "rmse");
    };
}
