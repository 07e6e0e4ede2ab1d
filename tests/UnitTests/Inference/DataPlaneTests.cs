using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Mlops.Contracts;
using Mlops.Inference;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Inference;

public sealed class DataPlaneTests : IDisposable
{
    private readonly ModelHost _host = new(Options.Create(new InferenceOptions()), TimeProvider.System, NullLogger<ModelHost>.Instance);

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task Infer_AlreadyCancelled_DoesNotRunTheModel()
    {
        await InferenceServer.ServeAsync(_host, "lookup", Models.Lookup());
        var plane = new DataPlane(_host, Options.Create(new InferenceOptions()), NullLogger<DataPlane>.Instance);
        // Were the model run, this index would be refused.
        var request = new InferenceRequest { Model = "lookup", Inputs = [new InputTensor("index", "INT64", [1], Requests.Bytes(7L))] };

        await Should.ThrowAsync<Fault>(async () => await plane.InferAsync(request, CancellationToken.None));
        await Should.ThrowAsync<OperationCanceledException>(async () => await plane.InferAsync(request, new CancellationToken(canceled: true)));
    }

    [Fact]
    public async Task Infer_ContentsInTheMiddleOfABuffer_AreReadFromThere()
    {
        await InferenceServer.ServeAsync(_host, "m", Models.Add(1));
        var plane = new DataPlane(_host, Options.Create(new InferenceOptions()), NullLogger<DataPlane>.Instance);
        byte[] buffer = [99, .. Requests.Bytes(1f, 2f), 99];
        var request = new InferenceRequest { Model = "m", Inputs = [new InputTensor("x", "FP32", [1, 2], buffer.AsMemory(1, 8))] };

        var result = await plane.InferAsync(request, CancellationToken.None);

        result.Outputs.ShouldHaveSingleItem().Contents.ToArray().ShouldBe(Requests.Bytes(2f, 3f));
    }

    [Fact]
    public async Task Infer_Refused_ReturnsItsHandle()
    {
        await InferenceServer.ServeAsync(_host, "m", Models.Add(1));
        var served = await _host.AcquireAsync("m", "", "", TestContext.Current.CancellationToken);
        var plane = new DataPlane(_host, Options.Create(new InferenceOptions()), NullLogger<DataPlane>.Instance);

        await Should.ThrowAsync<Fault>(async () => await plane.InferAsync(new InferenceRequest { Model = "m", Inputs = [] }, CancellationToken.None));
        await InferenceServer.ServeAsync(_host, "m", Models.Add(2), 2);
        served.Dispose();

        served.Served.Status.State.ShouldBe(ModelState.Unloaded);
    }
}
