using System.Globalization;
using System.Text;
using Mlops.Client;
using Mlops.Contracts;
using Mlops.Registry.Facts;
using Mlops.Tabular;
using Spectre.Console;
using Table = Mlops.Tabular.Table;

namespace Mlops.Standalone.Demo;

/// <summary>Asks the served model about one row of the file, as a product service would: over gRPC, texts as texts.</summary>
internal static class SamplePrediction
{
    private const int Row = 0;
    private const int LongestInput = 110;

    public static async Task<Prediction> PrintAsync(InferenceClient client, DemoResult result, CancellationToken cancellationToken)
    {
        var signature = result.Served!.Version.Signature;
        var table = CsvTable.Read(new MemoryStream(result.Sample.Csv), CsvOptions.For(RunSpec(result.Run)), cancellationToken);
        var prediction = await AskAsync(client, result.Run.Name, signature, table, cancellationToken);

        var inputs = string.Join(", ", signature.Inputs.SelectMany(input => input.Columns).Select(column => $"{column}={Show(table[column])}"));
        if (inputs.Length > LongestInput)
            inputs = $"{inputs.AsSpan(0, LongestInput)}…";
        AnsiConsole.MarkupLineInterpolated($"  [bold]{result.Run.Name}[/]  {inputs}");
        AnsiConsole.MarkupLineInterpolated($"    [green]{Answer(prediction.Rows[0])}[/]  by version {prediction.ModelVersion}, model digest {prediction.ArtifactDigest[..12]}…; the file says {Truth(result, table)}");
        return prediction;
    }

    private static Contracts.Spec.PipelineSpec RunSpec(PipelineRun run) => Contracts.Spec.PipelineSpec.Parse(run.Spec, run.Name);

    private static Task<Prediction> AskAsync(InferenceClient client, string model, ModelSignature signature, Table table, CancellationToken cancellationToken)
    {
        if (signature.Inputs is [{ Name: ModelSignature.FeaturesInput } features])
            return client.PredictAsync(model, [[.. features.Columns.Select(column => (float)((NumericColumn)table[column]).Values[Row])]], cancellationToken: cancellationToken);
        var row = signature.Inputs.ToDictionary(input => input.Name, input => Value(table[input.Columns[0]]));
        return client.PredictAsync(model, [row], cancellationToken: cancellationToken);
    }

    private static object? Value(Column column) => column switch
    {
        NumericColumn numbers => numbers.Values[Row],
        CategoricalColumn texts => texts.TextAt(Row),
        _ => null,
    };

    private static string Show(Column column) => Value(column) is { } value ? Convert.ToString(value, CultureInfo.InvariantCulture)! : "missing";

    private static string Answer(PredictedRow row)
    {
        if (row.Label is not null)
            return string.Create(CultureInfo.InvariantCulture, $"{row.Label} ({row.Probabilities.Max():0.0 %})");
        var values = new StringBuilder();
        values.AppendJoin(", ", row.Values.Take(3).Select(value => value.ToString("0.###", CultureInfo.InvariantCulture)));
        return row.Values.Count > 3 ? values.Append(", …").ToString() : values.ToString();
    }

    private static string Truth(DemoResult result, Table table)
    {
        var targets = RunSpec(result.Run).Target;
        return string.Join(", ", targets.Take(3).Select(target => Show(table[target]))) + (targets.Count > 3 ? ", …" : "");
    }
}
