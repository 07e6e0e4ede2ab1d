using Mlops.Artifacts;
using Mlops.Contracts;
using Mlops.Governance;
using Mlops.Governance.ExternalRuns;
using Mlops.Governance.ModelCheck;
using Mlops.Onnx;
using Shouldly;
using Xunit;
using DataType = Mlops.Onnx.Format.TensorProto.Types.DataType;

namespace Mlops.UnitTests.Governance;

public sealed class StoredModelsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mlops-models-").FullName;
    private readonly CountingStore _store;
    private readonly StoredModels _models;

    public StoredModelsTests()
    {
        _store = new CountingStore(new FolderArtifactStore(_folder));
        _models = new StoredModels(_store, new ModelSandbox(Microsoft.Extensions.Options.Options.Create(new GovernanceOptions()), TimeProvider.System));
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _models.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Find_TheSameAgain_ReadsTheFileOnce()
    {
        var file = Model();
        var digest = (await _store.PutAsync(file, Stop)).Digest;
        for (var i = 0; i < 3; i++)
        {
            var model = (await _models.FindAsync(digest, Stop)).ShouldNotBeNull();
            (model.Bytes, model.Graph.Inputs.ShouldHaveSingleItem().Name).ShouldBe((file.Length, "x"));
        }
        _store.Opened.ShouldBe(1);
    }

    [Fact]
    public async Task Find_RemovedSince_IsNotThere()
    {
        var digest = (await _store.PutAsync(Model(), Stop)).Digest;
        (await _models.FindAsync(digest, Stop)).ShouldNotBeNull();
        await _store.DeleteAsync(digest, Stop);
        (await _models.FindAsync(digest, Stop)).ShouldBeNull();
    }

    [Fact]
    public async Task Find_NoModel_SaysSoEachTime()
    {
        var digest = (await _store.PutAsync("no model"u8.ToArray(), Stop)).Digest;
        for (var i = 0; i < 2; i++)
            (await Should.ThrowAsync<Fault>(() => _models.FindAsync(digest, Stop))).Kind.ShouldBe(FaultKind.Invalid);
    }

    private static byte[] Model()
    {
        var graph = new GraphBuilder();
        graph.Output("y", graph.Input("x", DataType.Float, -1, 3), DataType.Float, -1, 3);
        return OnnxFile.Write(graph.Build());
    }

    private sealed class CountingStore(IArtifactStore store) : IArtifactStore
    {
        public int Opened { get; private set; }

        public Task<StoredArtifact> PutAsync(Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken) => store.PutAsync(write, cancellationToken);

        public Task<Stream> OpenAsync(ContentDigest digest, CancellationToken cancellationToken)
        {
            Opened++;
            return store.OpenAsync(digest, cancellationToken);
        }

        public Task DeleteAsync(ContentDigest digest, CancellationToken cancellationToken) => store.DeleteAsync(digest, cancellationToken);

        public Task<bool> ExistsAsync(ContentDigest digest, CancellationToken cancellationToken) => store.ExistsAsync(digest, cancellationToken);
    }
}
