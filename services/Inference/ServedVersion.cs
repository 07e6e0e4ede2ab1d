using System.Globalization;

namespace Mlops.Inference;

/// <summary>A model version as the registry knows it; all that leads a prediction back to its origin.</summary>
public sealed record ServedVersion
{
    /// <summary>The model's name.</summary>
    public required string Model { get; init; }

    /// <summary>Its number within the name.</summary>
    public required int Version { get; init; }

    /// <summary>SHA-256 of the ONNX file, 64 hexadecimal digits.</summary>
    public required string Digest { get; init; }

    /// <summary>Size of the ONNX file, from which the memory that it takes is told.</summary>
    public long Bytes { get; init; }

    /// <summary>The registry's id of this version.</summary>
    public required Guid ModelVersionId { get; init; }

    /// <summary>The run that made it, where one did.</summary>
    public Guid? PipelineRunId { get; init; }

    /// <summary>The number as the protocol writes it.</summary>
    public string Number => Version.ToString(CultureInfo.InvariantCulture);

    /// <summary>What leads from one prediction back to its data: the response parameters of either front.</summary>
    public IEnumerable<(string Name, string Value)> Origin()
    {
        yield return ("artifact_digest", Digest);
        yield return ("model_version_id", ModelVersionId.ToString());
        if (PipelineRunId is { } run)
            yield return ("pipeline_run_id", run.ToString());
    }
}

/// <summary>How a version stands; what operators and <c>ModelDeployed</c> are told.</summary>
/// <param name="Version">Which one.</param>
/// <param name="State">Where it stands.</param>
/// <param name="LoadTime">From the order to load until it was ready or had failed.</param>
/// <param name="Reason">Why it failed; null otherwise.</param>
public sealed record ModelStatus(ServedVersion Version, ModelState State, TimeSpan LoadTime, string? Reason);
