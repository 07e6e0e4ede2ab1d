using Shouldly;
using TorchSharp;
using Xunit;

namespace Mlops.UnitTests.Training;

[Collection(TrainingCollection.Name)]
public sealed class LibTorchTests
{
    [Fact]
    public void NativeLibrary_OnThisSystem_Loads()
    {
        using var scope = torch.NewDisposeScope();
        (torch.ones(2, 3) * 2).sum().item<float>().ShouldBe(12);
    }
}
