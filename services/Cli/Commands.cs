using System.CommandLine;
using System.CommandLine.Parsing;
using Mlops.Client;

namespace Mlops.Cli;

/// <summary>The command line. Status 0 says that what was asked for is so, of a run that is followed that its model is served.</summary>
internal sealed partial class Commands
{
    private readonly Option<Uri> _server = new("--server")
    {
        CustomParser = Address,
        Description = "The governance service, or the standalone host. Default: MLOPS_SERVER, else http://127.0.0.1:5080.",
        DefaultValueFactory = result => AddressIn(result, "MLOPS_SERVER") ?? new Uri("http://127.0.0.1:5080"),
        Recursive = true,
    };

    private readonly Option<Uri?> _datasets = new("--datasets-server")
    {
        CustomParser = Address,
        Description = "The dataset service, where it is a process of its own. Default: MLOPS_DATASETS_SERVER, else --server.",
        DefaultValueFactory = result => AddressIn(result, "MLOPS_DATASETS_SERVER"),
        Recursive = true,
    };

    private readonly Argument<Guid> _run = new("run") { Description = "The run's id." };

    private readonly Option<string> _actor = new("--actor") { Description = "Who decides this; stands in the audit log.", DefaultValueFactory = _ => Environment.UserName };

    private readonly Option<string> _reason = new("--reason") { Description = "Why; stands in the audit log.", Required = true };

    private readonly Option<bool> _follow = new("--follow") { Description = "Tell how the run gets on until it has ended: status 0 if its model is served." };

    private readonly TextWriter _out, _error;

    private Commands(TextWriter output, TextWriter error) => (_out, _error) = (output, error);

    /// <summary>All commands.</summary>
    /// <param name="output">Takes what was asked for.</param>
    /// <param name="error">Takes what went wrong.</param>
    public static RootCommand Root(TextWriter output, TextWriter error)
    {
        var commands = new Commands(output, error);
        return new RootCommand("Mlops: registers data sets and models, and follows and decides about runs")
        {
            commands._server,
            commands._datasets,
            new Command("datasets", "Data sets.") { commands.Register() },
            new Command("models", "Models.") { commands.RegisterModel(), commands.Reproduce() },
            new Command("runs", "Pipeline runs.") { commands.List(), commands.Follow(), commands.Cancel(), commands.Retry() },
        };
    }

    private Command Register()
    {
        var name = new Argument<string>("name") { Description = "The data set's name." };
        var file = new Argument<FileInfo>("file") { Description = "CSV." };
        var spec = new Option<FileInfo>("--spec") { Description = "The pipeline spec, JSON or YAML: a run of it begins." };
        var command = new Command("register", "Register a file as a version of a data set.") { name, file, spec, _follow };
        file.AcceptExistingOnly();
        spec.AcceptExistingOnly();
        command.SetAction((parsed, stop) => CallAsync(parsed, async client =>
        {
            var json = parsed.GetValue(spec) is { } path ? SpecFile.ToJson(await File.ReadAllTextAsync(path.FullName, stop), path.Name) : null;
            await using var content = parsed.GetRequiredValue(file).OpenRead();
            var (dataset, run) = await client.RegisterDatasetAsync(parsed.GetRequiredValue(name), content, json, stop);
            await _out.WriteLineAsync($"{dataset.Name} version {dataset.Version}, {dataset.Rows} rows, SHA-256 {dataset.Digest}");
            return await TellAsync(parsed, client, run, stop);
        }, stop));
        return command;
    }

    private Command List()
    {
        var state = new Option<string?>("--state") { Description = "Only runs in this state: running, served, failed or cancelled." };
        var name = new Option<string?>("--name") { Description = "Only runs of the pipeline of this name." };
        var limit = new Option<int>("--limit") { Description = "At most so many.", DefaultValueFactory = _ => 20 };
        var command = new Command("list", "List runs, newest first.") { state, name, limit };
        command.SetAction((parsed, stop) => CallAsync(parsed, async client =>
        {
            var runs = await client.ListRunsAsync(parsed.GetValue(state), parsed.GetValue(name), parsed.GetValue(limit), stop);
            RunTable.Write(_out, runs);
            return 0;
        }, stop));
        return command;
    }

    private Command Follow()
    {
        var command = new Command("follow", "Tell how a run gets on until it has ended: status 0 if its model is served.") { _run };
        command.SetAction((parsed, stop) => CallAsync(parsed, async client => await FollowAsync(client, parsed.GetValue(_run), stop) ? 0 : 1, stop));
        return command;
    }

    private Command Cancel()
    {
        var command = new Command("cancel", "End a run that goes on.") { _run, _actor, _reason };
        command.SetAction((parsed, stop) => CallAsync(parsed, async client =>
        {
            var outcome = await client.CancelRunAsync(parsed.GetValue(_run), parsed.GetRequiredValue(_actor), parsed.GetRequiredValue(_reason), stop);
            await _out.WriteLineAsync($"cancelled at {outcome.Stage}");
            return 0;
        }, stop));
        return command;
    }

    private Command Retry()
    {
        var command = new Command("retry", "Have a run that failed or was cancelled go on from where it was.") { _run, _actor, _reason, _follow };
        command.SetAction((parsed, stop) => CallAsync(parsed, async client =>
        {
            var run = parsed.GetValue(_run);
            var retry = await client.RetryRunAsync(run, parsed.GetRequiredValue(_actor), parsed.GetRequiredValue(_reason), stop);
            await _out.WriteLineAsync($"attempt {retry.Attempt}: {retry.Requeued} pieces of work and {retry.Redriven} messages are tried again");
            return !parsed.GetValue(_follow) || await FollowAsync(client, run, stop) ? 0 : 1;
        }, stop));
        return command;
    }

    private async Task<bool> FollowAsync(PlatformClient client, Guid run, CancellationToken stop)
    {
        RunProgress? last = null;
        await foreach (var progress in client.FollowRunAsync(run, stop))
        {
            foreach (var line in FollowLines.Between(last, progress))
                await _out.WriteLineAsync(line);
            last = progress;
        }
        return last is { IsServed: true };
    }

    private async Task<int> CallAsync(ParseResult parsed, Func<PlatformClient, Task<int>> call, CancellationToken stop)
    {
        using var client = new PlatformClient(parsed.GetRequiredValue(_server), parsed.GetValue(_datasets));
        try
        {
            return await call(client);
        }
        catch (Exception exception) when (exception is PlatformException or SpecFileException or IOException)
        {
            await _error.WriteLineAsync(exception.Message);
            return 1;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 1;
        }
    }

    private static Uri? AddressIn(ArgumentResult result, string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } address ? Address(result, variable, address) : null;

    private static Uri? Address(ArgumentResult result) => Address(result, ((OptionResult)result.Parent!).Option.Name, result.Tokens.Single().Value);

    private static Uri? Address(ArgumentResult result, string source, string text)
    {
        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https")
            return address;
        result.AddError($"{source}: '{text}' is not accepted; an address such as http://127.0.0.1:5080 is");
        return null;
    }
}
