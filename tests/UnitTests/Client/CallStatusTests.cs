using Grpc.Core;
using Mlops.Client.Calls;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Client;

public sealed class CallStatusTests
{
    /// <summary>A server that was stopped under load lost a call in this way in one run of three.</summary>
    [Fact]
    public void Connection_ThatBrokeUnderTheCall_IsUnavailable() =>
        Of(StatusCode.Internal, new HttpRequestException("sending", new HttpProtocolException(0, "NO_ERROR", null))).ShouldBe(StatusCode.Unavailable);

    [Fact]
    public void Call_ThatTheServerCancelled_IsCancelled() =>
        Of(StatusCode.Cancelled, new HttpRequestException("sending", new HttpProtocolException(8, "CANCEL", null))).ShouldBe(StatusCode.Cancelled);

    [Fact]
    public void Server_ThatSaysInternal_IsBelieved() => Of(StatusCode.Internal, null).ShouldBe(StatusCode.Internal);

    [Fact]
    public void Answer_ThatCannotBeRead_IsInternal() => Of(StatusCode.Internal, new InvalidOperationException("no message")).ShouldBe(StatusCode.Internal);

    private static StatusCode Of(StatusCode status, Exception? cause) => CallStatus.Of(new RpcException(new Status(status, "", cause)));
}
