using System.CommandLine;
using Mlops.Standalone.Demo;

namespace Mlops.Standalone;

/// <summary>The command line: <c>serve</c> and <c>demo</c>.</summary>
internal static class Commands
{
    private static readonly Option<DirectoryInfo> DataDir = new("--data-dir")
    {
        Description = "Where the registry and the artifacts live.",
        DefaultValueFactory = _ => new DirectoryInfo(".mlops"),
    };

    private static readonly Option<int> Port = new("--port")
    {
        Description = "Port of the HTTP APIs and pages; 0 takes any free one.",
        DefaultValueFactory = _ => 5080,
    };

    private static readonly Option<int> GrpcPort = new("--grpc-port")
    {
        Description = "Port of gRPC inference; 0 takes any free one.",
        DefaultValueFactory = _ => 5081,
    };

    public static RootCommand Root() => new("Mlops: all six services in one process, with nothing else to install")
    {
        Serve(),
        Demo(),
    };

    private static Command Serve()
    {
        var command = new Command("serve", "Serve what was promoted, and take data sets.") { DataDir, Port, GrpcPort };
        command.SetAction((parsed, stop) => StandaloneHost.RunAsync(Settings(parsed) with { Quiet = false }, async (host, ended) =>
        {
            host.PrintAddresses();
            await StandaloneHost.WaitForStopAsync(ended);
            return 0;
        }, stop));
        return command;
    }

    private static Command Demo()
    {
        var exit = new Option<bool>("--exit") { Description = "Leave when done: status 0 if every pipeline ended in a served model." };
        var seeds = new Option<SeedRange?>("--seeds")
        {
            Description = "Repeat every pipeline with these seeds of split and training, such as 1-5, and print the means.",
            CustomParser = result =>
            {
                if (SeedRange.TryParse(result.Tokens.Single().Value, out var range))
                    return range;
                result.AddError($"--seeds: '{result.Tokens.Single().Value}' is not accepted; a range such as 1-5 (at most {SeedRange.MaxCount} seeds) is");
                return null;
            },
        };
        var command = new Command("demo", "Run the pipeline on the sample data sets and show what comes out.") { DataDir, Port, GrpcPort, exit, seeds };
        command.SetAction((parsed, stop) => StandaloneHost.RunAsync(Settings(parsed), async (host, ended) =>
        {
            var allServed = await DemoRun.RunAsync(host, parsed.GetValue(seeds), ended);
            if (!parsed.GetValue(exit))
            {
                host.PrintAddresses();
                await StandaloneHost.WaitForStopAsync(ended);
            }
            return allServed ? 0 : 1;
        }, stop));
        return command;
    }

    private static StandaloneSettings Settings(ParseResult parsed) =>
        new(parsed.GetRequiredValue(DataDir).FullName, parsed.GetValue(Port), parsed.GetValue(GrpcPort), Quiet: true);
}
