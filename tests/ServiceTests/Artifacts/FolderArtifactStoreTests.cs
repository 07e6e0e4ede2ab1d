using Mlops.Artifacts;
using Shouldly;
using Xunit;

namespace Mlops.ServiceTests.Artifacts;

public sealed class FolderArtifactStoreTests : ArtifactStoreContract, IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("mlops-artifacts-").FullName;

    public FolderArtifactStoreTests() => Store = OpenAnother();

    protected override IArtifactStore Store { get; }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task Store_OpenedAgain_RemovesWhatAKilledProcessLeftADayAgo()
    {
        var old = Path.Combine(_root, "tmp", "old");
        var young = Path.Combine(_root, "tmp", "young");
        await File.WriteAllBytesAsync(old, Abc, Cancellation);
        await File.WriteAllBytesAsync(young, Abc, Cancellation);
        File.SetLastWriteTimeUtc(old, TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-2));

        OpenAnother();

        (await NamesAsync()).ShouldBe(["tmp/young"]);
    }

    protected override IArtifactStore OpenAnother() => new FolderArtifactStore(_root);

    protected override Task<string[]> NamesAsync() => Task.FromResult<string[]>(
        [.. Directory.EnumerateFiles(_root, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(_root, file).Replace('\\', '/'))]);

    protected override Task DamageAsync(ContentDigest digest, byte[] found) =>
        File.WriteAllBytesAsync(Path.Combine(_root, "sha256", digest.ToString()[..2], digest.ToString()[2..]), found, Cancellation);
}
