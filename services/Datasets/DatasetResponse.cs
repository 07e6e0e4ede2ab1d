using System.Text.Json;
using Mlops.Registry.Facts;

namespace Mlops.Datasets;

/// <summary>A registered version of a data set.</summary>
/// <param name="Id">Its id in the registry.</param>
/// <param name="Name">The data set's name.</param>
/// <param name="Version">1, 2, 3 … within the name.</param>
/// <param name="Digest">SHA-256 of the file.</param>
/// <param name="Bytes">Length of the file.</param>
/// <param name="Rows">Data rows, the header not counted.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="Schema">Names and types of the columns.</param>
/// <param name="Profile">What was measured about each column.</param>
public sealed record DatasetResponse(
    Guid Id, string Name, int Version, string Digest, long Bytes, long Rows, DateTimeOffset CreatedAt, JsonElement Schema, JsonElement Profile)
{
    internal static DatasetResponse Of(DatasetVersion version) => new(
        version.Id, version.Name, version.Version, version.Digest, version.Bytes, version.Rows, version.CreatedAt,
        JsonElement.Parse(version.Schema), JsonElement.Parse(version.Profile));
}

/// <summary>What a registration gave.</summary>
/// <param name="Dataset">The version: a new one, or the one that these bytes already are.</param>
/// <param name="PipelineRunId">The run that began, if the registration came with a spec.</param>
public sealed record RegisteredResponse(DatasetResponse Dataset, Guid? PipelineRunId);
