using System.Globalization;
using Mlops.Fuzz;

long requests = 1_000_000;
long? only = null;
var seed = 7;
for (var index = 0; index < args.Length; index += 2)
{
    if (index + 1 == args.Length || !long.TryParse(args[index + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var value))
        return Usage();
    switch (args[index])
    {
        case "--requests":
            requests = value;
            break;
        case "--seed":
            seed = (int)value;
            break;
        case "--only":
            only = value;
            break;
        default:
            return Usage();
    }
}

var result = await FuzzRun.RunAsync(seed, requests, only, done => Console.Error.WriteLine($"{done} sent"));
foreach (var kind in result.Outcomes.GroupBy(outcome => outcome.Key.Kind).OrderBy(kind => kind.Key))
    Console.WriteLine($"{kind.Key,-14} {string.Join(", ", kind.OrderByDescending(outcome => outcome.Value).Select(outcome => $"{outcome.Key.Outcome}: {outcome.Value}"))}");
foreach (var failure in result.Failures)
    Console.WriteLine(failure);
var sent = result.Outcomes.Values.Sum();
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"fuzz: {sent} requests of seed {seed} in {result.Elapsed.TotalSeconds:F0} s ({sent / result.Elapsed.TotalSeconds:F0}/s), {result.Failures.Count} failures, memory {result.Growth / 1048576.0:+0.0;-0.0} MiB"));
return result.Holds ? 0 : 1;

static int Usage()
{
    Console.Error.WriteLine("--requests N, --seed N and --only N are accepted");
    return 1;
}
