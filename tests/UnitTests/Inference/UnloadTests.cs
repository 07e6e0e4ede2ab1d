using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Mlops.Inference;
using Mlops.Onnx;
using Mlops.Onnx.Format;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Inference;

/// <summary>Alone in the process, whose memory it looks at.</summary>
[CollectionDefinition(nameof(UnloadTests), DisableParallelization = true)]
[Collection(nameof(UnloadTests))]
public sealed class UnloadTests
{
    private const int Side = 1024, Loads = 200, WarmUp = 100;
    private const long MiB = 1 << 20;

    [Fact]
    public async Task Unload_TwoHundredTimes_FreesTheMemoryOfEach()
    {
        using var host = new ModelHost(Options.Create(new InferenceOptions()), TimeProvider.System, NullLogger<ModelHost>.Instance);
        var bytes = FourMebibytes().ToByteArray();
        long before = 0;
        for (var version = 1; version <= Loads; version++)
        {
            await InferenceServer.LoadAsync(host, InferenceServer.Version("m", bytes, version), _ => Task.FromResult(bytes));
            using (var handle = await host.AcquireAsync("m", "", "", TestContext.Current.CancellationToken))
                handle.Model.TryMadeRow(out _).ShouldBeTrue();
            if (version == WarmUp)
                before = Native();
        }

        host.MemoryUsed.ShouldBe(2 * bytes.Length);
        // The hundred since would take 800 MiB together. What allocators keep for the next load varies by some models.
        (Native() - before).ShouldBeLessThan(160 * MiB);
    }

    /// <summary>Memory of the process that the collector does not know of.</summary>
    private static long Native()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        return Environment.WorkingSet - GC.GetGCMemoryInfo().TotalCommittedBytes;
    }

    private static ModelProto FourMebibytes()
    {
        var graph = new GraphBuilder();
        var x = graph.Input("x", TensorProto.Types.DataType.Float, -1, Side);
        var weights = graph.Floats("weights", [.. Enumerable.Range(0, Side * Side).Select(index => index % 7 * 0.1f)], Side, Side);
        graph.Output("y", graph.Node("MatMul", [x, weights]), TensorProto.Types.DataType.Float, -1, Side);
        return graph.Build();
    }
}
