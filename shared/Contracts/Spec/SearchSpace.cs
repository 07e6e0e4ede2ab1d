using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mlops.Contracts.Spec;

/// <summary>Places in a spec that a search may set, and how it sets them: in the spec's JSON, which is then read as any other.</summary>
internal static class SearchSpace
{
    private const int MostSettings = 100;
    private static readonly string[] Parts = ["model", "optimizer", "loss", "regularization", "training", "preprocessing"];

    /// <summary>What decides by chance or where it runs is no setting of the model.</summary>
    private static readonly string[] Fixed = ["training", "training.seed", "training.device", "training.refit"];

    public static SortedDictionary<string, RangeSpec> Read(SpecReader reader)
    {
        var space = new SortedDictionary<string, RangeSpec>(StringComparer.Ordinal);
        foreach (var path in reader.OwnNames())
        {
            space[path] = RangeSpec.Read(reader.Section(path));
            if (!Parts.Contains(path.Split('.')[0]) || path.Split('.').Any(part => part.Length == 0))
                reader.Report(path, $"no place that a search may set; places in {string.Join(", ", Parts)} are accepted, such as optimizer.learningRate");
            else if (Fixed.Contains(path))
                reader.Report(path, "not accepted: seed, device and refit stay as they are; other places in training are");
        }
        if (space.Count > MostSettings)
            reader.Report("", $"{space.Count} settings are not accepted; at most {MostSettings} are");
        foreach (var inner in space.Keys)
            if (space.Keys.FirstOrDefault(outer => inner.StartsWith($"{outer}.", StringComparison.Ordinal)) is { } outer)
                reader.Report(inner, $"not accepted together with {outer}, of which it is a part; one of both is");
        return space;
    }

    /// <summary>A spec's canonical JSON with other settings.</summary>
    /// <exception cref="Fault">Invalid: a place lies in something that is no object.</exception>
    public static byte[] Set(string json, IEnumerable<KeyValuePair<string, JsonElement>> settings)
    {
        var root = JsonNode.Parse(json)!.AsObject();
        foreach (var (path, value) in settings)
        {
            var names = path.Split('.');
            var place = root;
            foreach (var name in names[..^1])
                place = Inside(place, name, path);
            place[names[^1]] = JsonNode.Parse(value.GetRawText());
        }
        return JsonSerializer.SerializeToUtf8Bytes(root, SpecJson.Canonical);
    }

    /// <summary>Reports each end of each range that the spec does not take, and what would make trials incomparable.</summary>
    public static void Check(PipelineSpec spec, SearchSpec search, SpecReader reader)
    {
        var known = Problems(spec, []).Problems;
        foreach (var (path, range) in search.Space.Where(setting => !reader.IsReported($"space.{setting.Key}")))
            foreach (var (field, setting) in range.Ends)
            {
                var (variant, problems) = Problems(spec, [new(path, setting)]);
                foreach (var problem in problems.Except(known))
                    reader.Report($"space.{path}.{field}", problem.Field == path ? problem.Message : problem.ToString());
                if (variant is not null && problems.Count == 0 && WhyNot(spec, variant, search) is { } why)
                    reader.Report($"space.{path}.{field}", why);
            }
    }

    private static string? WhyNot(PipelineSpec spec, PipelineSpec variant, SearchSpec search)
    {
        if (search.Pruning is not null && variant.Model is AutoModelSpec)
            return "model.type auto is not accepted with pruning, because it tells of its epochs only in the end; any other is, such as mlp";
        if (search.Metric == SearchMetric.ValidationLoss && (variant.Preprocessing.Target != spec.Preprocessing.Target || JsonOf(variant.Loss) != JsonOf(spec.Loss)))
            return "another loss is not accepted with metric validation-loss, which would measure each trial by another; with validation-accuracy it is";
        return null;
    }

    private static string JsonOf(LossSpec loss) => JsonSerializer.Serialize(loss, SpecJson.Canonical);

    private static (PipelineSpec? Spec, IReadOnlyList<Problem> Problems) Problems(PipelineSpec spec, IEnumerable<KeyValuePair<string, JsonElement>> settings)
    {
        try
        {
            return (spec.With(settings), []);
        }
        catch (Fault fault)
        {
            return (null, fault.Problems);
        }
    }

    private static JsonObject Inside(JsonObject place, string name, string path)
    {
        if (place[name] is null)
            place[name] = new JsonObject();
        return place[name] as JsonObject ?? throw Fault.Invalid(path, $"{name} is no object there; a place that is, or a whole part, is accepted");
    }
}
