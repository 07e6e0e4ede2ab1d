using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Mlops.Contracts;
using Mlops.Inference;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Inference;

public sealed class HttpStatusTests
{
    [Theory]
    [InlineData(FaultKind.Invalid, 400)]
    [InlineData(FaultKind.NotFound, 404)]
    [InlineData(FaultKind.Conflict, 409)]
    [InlineData(FaultKind.TooLarge, 413)]
    [InlineData(FaultKind.Unsupported, 501)]
    [InlineData(FaultKind.Unavailable, 503)]
    [InlineData(FaultKind.Corrupt, 500)]
    public void Fault_OfEachKind_HasItsStatusAndItsText(FaultKind kind, int status) =>
        HttpStatus.From(new Fault(kind, "inputs.x", "wrong"), callerIsGone: false).ShouldBe((status, "inputs.x: wrong"));

    [Fact]
    public void Cancellation_ByTheCaller_IsNoErrorOfOurs()
    {
        HttpStatus.From(new OperationCanceledException(), callerIsGone: true).Status.ShouldBe(499);
        HttpStatus.From(new ConnectionResetException("reset"), callerIsGone: false).Status.ShouldBe(499);
    }

    [Fact]
    public void Cancellation_ThatNoCallerAskedFor_IsOurError() =>
        HttpStatus.From(new OperationCanceledException(), callerIsGone: false).ShouldBe((500, "internal error"));

    [Fact]
    public void Timeout_OfTheCallers_SaysSo() =>
        HttpStatus.From(new TimeoutException("the request waited longer than its timeout of 5 µs"), callerIsGone: false).ShouldBe((504, "the request waited longer than its timeout of 5 µs"));

    [Fact]
    public void Request_ThatTheServerRefuses_KeepsItsStatus() =>
        HttpStatus.From(new BadHttpRequestException("Unexpected end of request content.", 400), callerIsGone: false).ShouldBe((400, "Unexpected end of request content."));

    [Fact]
    public void Defect_OfOurs_TellsNothing() =>
        HttpStatus.From(new IOException("/secret/path"), callerIsGone: false).ShouldBe((500, "internal error"));
}
