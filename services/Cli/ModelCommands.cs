using System.CommandLine;
using System.CommandLine.Parsing;
using Mlops.Client;

namespace Mlops.Cli;

/// <summary>The commands about models.</summary>
internal sealed partial class Commands
{
    private readonly Argument<string> _model = new("name") { Description = "The model's name." };

    private readonly Option<string?> _judgedOn = new("--dataset") { Description = "The registered data set to evaluate it on: a run begins." };

    private readonly Option<int> _judgedOnVersion = new("--dataset-version") { Description = "Its version.", DefaultValueFactory = _ => 1 };

    private readonly Option<FileInfo?> _judgedBy = new("--spec") { Description = "The pipeline spec of that run, JSON or YAML." };

    private Command RegisterModel()
    {
        var file = new Argument<FileInfo>("file") { Description = "ONNX." }.AcceptExistingOnly();
        var source = new Option<string>("--source") { Description = "Where it is from, such as \"scikit-learn 1.5, team churn\".", Required = true };
        var license = new Option<string>("--license") { Description = "Under which license it may be used, such as Apache-2.0.", Required = true };
        var task = new Option<string>("--task") { Description = "classification or regression.", Required = true };
        var trainedOn = new Option<string?>("--trained-on") { Description = "SHA-256 of what it was trained on, where that is known." };
        var classes = new Option<string[]>("--classes") { Description = "The classes in the order of the probabilities, with commas between them.", CustomParser = result => Names(result.Tokens.Single().Value) };
        var columns = new Option<Dictionary<string, IReadOnlyList<string>>>("--columns")
        {
            Description = "The columns that an input holds, in order, such as X=age,income; once for each input.",
            CustomParser = Columns,
            DefaultValueFactory = _ => [],
        };
        var command = new Command("register", "Register an ONNX file as a version of a model.") { _model, file, source, license, task, trainedOn, classes, columns, _judgedOn, _judgedOnVersion, _judgedBy, _actor, _follow };
        command.Validators.Add(RequireBothOrNeither);
        command.SetAction((parsed, stop) => CallAsync(parsed, async client =>
        {
            var spec = parsed.GetValue(_judgedBy) is { } path ? SpecFile.ToJson(await File.ReadAllTextAsync(path.FullName, stop), path.Name) : null;
            await using var content = parsed.GetRequiredValue(file).OpenRead();
            var model = await client.RegisterModelAsync(parsed.GetRequiredValue(_model), content, new ModelRegistration
            {
                Actor = parsed.GetRequiredValue(_actor),
                Source = parsed.GetRequiredValue(source),
                License = parsed.GetRequiredValue(license),
                Task = parsed.GetRequiredValue(task),
                TrainingDataDigest = parsed.GetValue(trainedOn),
                Columns = parsed.GetRequiredValue(columns),
                Classes = parsed.GetValue(classes) ?? [],
            }, stop);
            await _out.WriteLineAsync($"{model.Name} version {model.Version}, SHA-256 {model.Digest}");
            return await TellAsync(parsed, client, await StartRunAsync(parsed, client, model, spec, stop), stop);
        }, stop));
        return command;
    }

    private Command Reproduce()
    {
        var version = new Argument<int>("version") { Description = "The version." };
        var command = new Command("reproduce", "Train a version's model again, compress it again if it was, and compare: status 0 if it is the same, bit for bit or within the tolerance.") { _model, version, _actor, _reason };
        command.SetAction((parsed, stop) => CallAsync(parsed, async client =>
        {
            var asked = await client.ReproduceAsync(parsed.GetRequiredValue(_model), parsed.GetValue(version), parsed.GetRequiredValue(_actor), parsed.GetRequiredValue(_reason), stop);
            await _out.WriteLineAsync($"reproduction {asked.Id} of {asked.ModelName} version {asked.Version}, SHA-256 {asked.Digest}");
            if (asked.Variant is { } wanted)
                await _out.WriteLineAsync($"and of version {wanted.Version} compressed from it by {wanted.Method}, SHA-256 {wanted.Digest}");
            while (!asked.HasEnded)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), stop);
                asked = await client.GetReproductionAsync(asked.Id, stop);
            }
            if (asked.Result is null)
                await _out.WriteLineAsync($"{asked.State}: {asked.Error}");
            else
                await TellAsync(asked.Version, asked.Result);
            if (asked is { Variant: { } variant, Result: { } result })
                await TellAsync(variant.Version, result.Variant);
            return asked.Proves ? 0 : 1;
        }, stop));
        return command;
    }

    private async Task TellAsync(int version, ReproductionResult? result)
    {
        await _out.WriteLineAsync(result is null ? $"version {version}: not compressed again, the trainer's build was too old for it" : $"version {version} {result.Verdict}: {result.Reason}");
        if (result?.Digest is { } digest)
            await _out.WriteLineAsync($"SHA-256 {digest} was made again");
    }

    private void RequireBothOrNeither(CommandResult result)
    {
        if (result.GetValue(_judgedOn) is null != result.GetValue(_judgedBy) is null)
            result.AddError("--dataset and --spec say together what it is judged by; both or neither are accepted");
    }

    private async Task<Guid?> StartRunAsync(ParseResult parsed, PlatformClient client, RegisteredModel model, string? spec, CancellationToken stop) => spec is null
        ? null
        : await client.StartRunWithModelAsync(parsed.GetRequiredValue(_judgedOn)!, parsed.GetValue(_judgedOnVersion), spec, model.Name, model.Version, stop);

    private async Task<int> TellAsync(ParseResult parsed, PlatformClient client, Guid? run, CancellationToken stop)
    {
        if (run is null)
            return 0;
        await _out.WriteLineAsync($"run {run}");
        return !parsed.GetValue(_follow) || await FollowAsync(client, run.Value, stop) ? 0 : 1;
    }

    private static string[] Names(string text) => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static Dictionary<string, IReadOnlyList<string>> Columns(ArgumentResult result)
    {
        var columns = new Dictionary<string, IReadOnlyList<string>>();
        foreach (var token in result.Tokens)
        {
            var (input, names) = token.Value.Split('=', 2) is [var before, var after] ? (before, Names(after)) : ("", []);
            if (input.Length == 0 || names.Length == 0 || !columns.TryAdd(input, names))
                result.AddError($"--columns: '{token.Value}' is not accepted; an input with its columns, such as X=age,income, each input once, is");
        }
        return columns;
    }
}
