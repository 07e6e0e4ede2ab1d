using Mlops.Contracts;
using Mlops.Scoring;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Scoring;

public sealed class OnnxSessionsTests
{
    [Fact]
    public void Create_OnTheProcessor_LooksForNothingElse()
    {
        var opened = OnnxSessions.Create(Samples.Sums(), ExecutionProvider.Cpu);
        using var session = opened.Session;
        (opened.Provider, opened.WhyNotCuda).ShouldBe((ExecutionProvider.Cpu, null));
    }

    [Fact]
    public void Create_CudaWhereThereIsNone_FallsBackOrSaysSo()
    {
        Assert.SkipWhen(OnnxSessions.WhyNoCuda is null, "there is a CUDA device");

        var opened = OnnxSessions.Create(Samples.Sums());
        using var session = opened.Session;
        (opened.Provider, opened.WhyNotCuda).ShouldBe((ExecutionProvider.Cpu, OnnxSessions.WhyNoCuda));
        var fault = Should.Throw<Fault>(() => OnnxSessions.Create(Samples.Sums(), ExecutionProvider.Cuda));
        fault.Kind.ShouldBe(FaultKind.Unavailable);
        fault.Message.ShouldBe($"executionProvider: cuda was asked for, and {OnnxSessions.WhyNoCuda}; auto falls back to the processor");
    }

    [Fact]
    public void Create_NoModel_IsRefusedWhateverRunsIt()
    {
        foreach (var wanted in (ExecutionProvider[])[ExecutionProvider.Auto, ExecutionProvider.Cpu])
            Should.Throw<Fault>(() => OnnxSessions.Create([1, 2, 3], wanted)).Message.ShouldStartWith("model: ONNX Runtime does not load it: ");
    }
}
