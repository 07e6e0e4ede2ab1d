using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Mlops.Contracts.Spec;
using Mlops.Registry.Lineage;

namespace Mlops.Governance.Pages;

/// <summary>How the pages write values, and where things have their page.</summary>
internal static class PageText
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    public static string Number(double value) => value.ToString(value != 0 && Math.Abs(value) < 0.001 ? "0.##e-0" : "#,0.####", CultureInfo.InvariantCulture);

    public static string Count(long value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    public static string Bytes(long bytes) => bytes < 10_000 ? $"{Count(bytes)} bytes" : $"{Number(Math.Round(bytes / 1024.0, 1))} KiB";

    public static string Microseconds(double? value) => value is { } microseconds ? microseconds.ToString("#,0.0", CultureInfo.InvariantCulture) + " µs" : "–";

    public static string Milliseconds(double? value) => value is { } milliseconds ? $"{Number(Math.Round(milliseconds, 3))} ms" : "–";

    public static string Share(double share) => (share * 100).ToString("0.###", CultureInfo.InvariantCulture) + " %";

    public static string Duration(TimeSpan span) => span.TotalSeconds < 60
        ? span.TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture) + " s"
        : span.ToString(span.TotalHours < 1 ? @"m\:ss" : @"d\.hh\:mm\:ss", CultureInfo.InvariantCulture) + (span.TotalHours < 1 ? " min" : "");

    public static string Shape(IReadOnlyList<long> shape) => $"[{string.Join(", ", shape)}]";

    public static string Json(JsonElement value) => JsonSerializer.Serialize(value, Indented);

    public static string Words(FactKind kind) => SpecJson.NameOf(kind).Replace('-', ' ');

    public static string ModelPath(string name) => $"/ui/models/{Uri.EscapeDataString(name)}";

    public static string VersionPath(string name, int version) => $"{ModelPath(name)}/versions/{version}";

    public static string RolloutPath(Guid id) => $"/ui/rollouts/{id}";

    public static string RunPath(Guid id) => $"/ui/runs/{id}";

    public static string LineagePath(FactKind kind, Guid id, LineageDirection direction = LineageDirection.Up) =>
        $"/ui/lineage/{SpecJson.NameOf(kind)}/{id}" + (direction == LineageDirection.Down ? "?direction=down" : "");
}
