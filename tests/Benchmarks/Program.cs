using Mlops.Benchmarks;
using Mlops.Benchmarks.Inference;
using Mlops.Benchmarks.Loading;
using Mlops.Benchmarks.Pipeline;
using Mlops.Benchmarks.Quality;
using Mlops.Benchmarks.Registry;
using Mlops.Benchmarks.Training;

// A topic with several parts runs them all, or those that are named after it.
var topics = new Dictionary<string, IReadOnlyDictionary<string, Func<Figures, Task>>>
{
    ["pipeline"] = Whole(PipelineTopic.RunAsync),
    ["inference"] = InferenceTopic.Parts,
    ["registry"] = Whole(RegistryTopic.RunAsync),
    ["folds"] = Whole(FoldsTopic.RunAsync),
    ["training"] = TrainingTopic.Parts,
    ["loading"] = Whole(LoadingTopic.RunAsync),
    ["quality"] = QualityTopic.Parts,
};
if (args is [MeasuredServer.Argument, ..])
    return await MeasuredServer.ServeAsync(args[1..]);
if (args is [LoadingTopic.Argument, var where])
    return await LoadingTopic.ServeAsync(where);
if (args is not [var name, .. var wanted] || !topics.TryGetValue(name, out var parts) || !wanted.All(parts.ContainsKey))
{
    Console.Error.WriteLine($"one topic is accepted, with parts of it or without: {string.Join("; ", topics.Select(topic => $"{topic.Key} {string.Join(' ', topic.Value.Keys)}".TrimEnd()))}");
    return 1;
}
var figures = new Figures(Console.Out);
foreach (var (part, run) in parts)
{
    if (wanted.Length == 0 || wanted.Contains(part))
        await run(figures);
}
figures.WriteTable();
return 0;

static IReadOnlyDictionary<string, Func<Figures, Task>> Whole(Func<Figures, Task> run) => new Dictionary<string, Func<Figures, Task>> { [""] = run };
