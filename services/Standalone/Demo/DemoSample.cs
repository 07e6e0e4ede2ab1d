using System.Text.Json.Nodes;

namespace Mlops.Standalone.Demo;

/// <summary>A sample data set with the spec of its pipeline.</summary>
/// <param name="Name">Name of the data set, and of the model unless a seed is given.</param>
/// <param name="Csv">The file.</param>
/// <param name="Spec">The pipeline spec, JSON.</param>
internal sealed record DemoSample(string Name, byte[] Csv, string Spec)
{
    private static readonly string[] Shipped = ["iris", "penguins", "diabetes", "digits"];

    /// <summary>The samples that the demo runs.</summary>
    public static IReadOnlyList<DemoSample> All() =>
        [.. Shipped.Select(name => new DemoSample(name, File.ReadAllBytes(PathOf("Samples", name, "csv")), ReadSpec(name))),
            new DemoSample(WorkedExample.Name, WorkedExample.Csv(), ReadSpec(WorkedExample.Name))];

    /// <summary>The same with another seed of split and training, as a model of its own.</summary>
    public DemoSample WithSeed(int seed)
    {
        var spec = JsonNode.Parse(Spec)!.AsObject();
        spec["name"] = $"{Name}-seed-{seed}";
        foreach (var part in new[] { "split", "training" })
        {
            if (!spec.ContainsKey(part))
                spec[part] = new JsonObject();
            spec[part]!["seed"] = seed;
        }
        return this with { Spec = spec.ToJsonString() };
    }

    private static string ReadSpec(string name) => File.ReadAllText(PathOf("Specs", name, "json"));

    private static string PathOf(string folder, string name, string extension) =>
        Path.Combine(AppContext.BaseDirectory, folder, $"{name}.{extension}");
}
