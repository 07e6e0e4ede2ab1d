using Microsoft.Extensions.DependencyInjection;
using Mlops.Client;

namespace Mlops.UnitTests.Client;

#region rows
public sealed record Penguin(string Island, float? BillLengthMm, float? BillDepthMm, int? FlipperLengthMm, int? BodyMassG, string? Sex);
public sealed record Species(string Label, float[] Probabilities, string ModelVersion, string ArtifactDigest);
#endregion

/// <summary>README.md's C#, compiled: <see cref="ReadmeTests"/> compares the two.</summary>
internal static class ReadmeSample
{
    public static async Task AskAsync()
    {
        #region typed
        using var client = new InferenceClient(new Uri("http://127.0.0.1:5081"));
        var penguin = new Penguin("Torgersen", 39.1f, 18.7f, 181, 3750, "male");
        var species = await client.PredictAsync<Penguin, Species>("penguins", penguin);
        Console.WriteLine($"{species.Label} by version {species.ModelVersion}, digest {species.ArtifactDigest}");
        #endregion
    }

    public static async Task AskByColumnAsync()
    {
        #region by-column
        using var client = new InferenceClient(new Uri("http://127.0.0.1:5081"));
        var prediction = await client.PredictAsync("penguins", [new Dictionary<string, object?>
        {
            ["island"] = "Torgersen", ["bill_length_mm"] = 39.1, ["bill_depth_mm"] = 18.7,
            ["flipper_length_mm"] = 181, ["body_mass_g"] = 3750, ["sex"] = "male",
        }]);
        Console.WriteLine($"{prediction.Rows[0].Label} by version {prediction.ModelVersion}, digest {prediction.ArtifactDigest}");
        #endregion
    }

    public static void Add(IServiceCollection services)
    {
        #region services
        services.AddInferenceClient(options => options.Addresses.Add("dns:///inference:5115"));
        #endregion
    }
}
