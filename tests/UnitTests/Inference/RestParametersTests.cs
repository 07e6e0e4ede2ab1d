using System.Text;
using Mlops.Contracts;
using Mlops.Inference;
using Mlops.Inference.Rest;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Inference;

/// <summary>How a REST caller says how a request is to be served.</summary>
public sealed class RestParametersTests
{
    [Theory]
    [InlineData("""{}""", 0, null)]
    [InlineData("""{"priority":2,"timeout":1500}""", 2, 1500.0)]
    [InlineData("""{"timeout":0}""", 0, null)]
    [InlineData("""{"timeout":9223372036854775807,"sequence_id":7}""", 0, 86_400_000_000.0)]
    public void Parse_PriorityAndTimeout_AreUnderstood(string parameters, ulong priority, double? microseconds) =>
        Parse(parameters).ShouldBe(new RequestParameters(priority, microseconds is { } wait ? TimeSpan.FromMicroseconds(wait) : null));

    [Fact]
    public void Parse_RoutingKey_IsUnderstood() => Parse("""{"routing_key":"user-7"}""").RoutingKey.ShouldBe("user-7");

    [Theory]
    [InlineData("""{"routing_key":7}""", "parameters.routing_key: expected a string, got 7")]
    [InlineData("""{"priority":-1}""", "parameters.priority: expected a whole number from 0 to 9223372036854775807, got -1")]
    [InlineData("""{"timeout":1.5}""", "parameters.timeout: expected a whole number from 0 to 9223372036854775807, got 1.5")]
    public void Parse_ValueOfAnotherKind_IsRefused(string parameters, string text) =>
        Should.Throw<Fault>(() => Parse(parameters)).Message.ShouldBe(text);

    private static RequestParameters Parse(string parameters) =>
        RequestJson.Parse("m", "", new RequestBody(Encoding.UTF8.GetBytes($$"""{"parameters":{{parameters}},"inputs":[]}"""), default)).Inference.Parameters;
}
