using Mlops.Benchmarks;
using Mlops.Benchmarks.Inference;
using Mlops.Benchmarks.Pipeline;
using Mlops.Benchmarks.Registry;

var topics = new Dictionary<string, Func<Figures, Task>>
{
    ["pipeline"] = PipelineTopic.RunAsync,
    ["inference"] = InferenceTopic.RunAsync,
    ["registry"] = RegistryTopic.RunAsync,
};
if (args is [MeasuredServer.Argument, ..])
    return await MeasuredServer.ServeAsync(args[1..]);
if (args is not [var name] || !topics.TryGetValue(name, out var topic))
{
    Console.Error.WriteLine($"one topic is accepted: {string.Join(" or ", topics.Keys)}");
    return 1;
}
var figures = new Figures(Console.Out);
await topic(figures);
figures.WriteTable();
return 0;
