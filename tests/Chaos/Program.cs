using System.CommandLine;
using Mlops.Chaos;

var minutes = new Option<double>("--minutes") { Description = "How long faults are injected.", DefaultValueFactory = _ => 2 };
var seed = new Option<int>("--seed") { Description = "Which plan of faults.", DefaultValueFactory = _ => 7 };
var command = new RootCommand("Runs pipelines under faults on a real RabbitMQ and PostgreSQL; status 0 only if nothing was lost and nothing came twice.") { minutes, seed };
command.SetAction(async (parsed, stop) =>
{
    var result = await ChaosRun.RunAsync(TimeSpan.FromMinutes(parsed.GetValue(minutes)), parsed.GetValue(seed), Console.WriteLine, stop);
    return result.IsGreen ? 0 : 1;
});
return await command.Parse(args).InvokeAsync();
