using System.Text;
using CsCheck;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Inference;

/// <summary>Requests that are nearly right: each is answered, and never with an error of ours.</summary>
public sealed class RestMutationTests(InferenceErrorTests.Server server) : IClassFixture<InferenceErrorTests.Server>
{
    private const string Json =
        """{"id":"a\u00e4","parameters":{"binary_data_output":false},"inputs":[{"name":"a","shape":[2,2],"datatype":"FP32","data":[[1,-2.5],[3e1,null]]},{"name":"b","shape":[2,2],"datatype":"FP32","parameters":{"binary_data_size":16}}],"outputs":[{"name":"sum","parameters":{"binary_data":true}},{"name":"twice"}]}""";

    // What a parser may stumble over, more often than any byte.
    private static readonly Gen<byte> Likely = Gen.Frequency((3, Gen.OneOf("{}[]\",:\\0123456789.-+eEtfnu \n"u8.ToArray())), (1, Gen.Byte));

    private enum Change
    {
        Replace,
        Insert,
        Remove,
        Repeat,
        Cut,
    }

    [Fact]
    public async Task Request_MutatedAnyhow_IsAnsweredOrRefused()
    {
        byte[] body = [.. Encoding.UTF8.GetBytes(Json), .. Requests.Bytes(1f, 2f, 3f, 4f)];
        (await server.It.PostAsync("/v2/models/two/infer", body, $"{Json.Length}")).Status.ShouldBe(System.Net.HttpStatusCode.OK);
        var change = Gen.Select(Gen.Enum<Change>(), Gen.Int[0, body.Length], Gen.Int[1, 20], Likely);
        await Gen.Select(change.Array[1, 4], Gen.Frequency((4, Gen.Const(0)), (1, Gen.Int[-20, 20]))).SampleAsync(async (changes, shift) =>
        {
            var mutated = changes.Aggregate(body, Apply);
            var reply = await server.It.PostAsync("/v2/models/two/infer", mutated, $"{Json.Length + mutated.Length - body.Length + shift}");
            ((int)reply.Status).ShouldBeOneOf(200, 400, 501);
            if ((int)reply.Status != 200)
                reply.Error.ShouldNotBeNullOrEmpty();
        }, seed: "0000000000001", iter: 3000);
    }

    private static byte[] Apply(byte[] body, (Change Change, int At, int Length, byte Byte) mutation)
    {
        var at = Math.Min(mutation.At, body.Length);
        var end = Math.Min(at + mutation.Length, body.Length);
        return mutation.Change switch
        {
            Change.Replace => [.. body[..at], mutation.Byte, .. body[Math.Min(at + 1, body.Length)..]],
            Change.Insert => [.. body[..at], mutation.Byte, .. body[at..]],
            Change.Remove => [.. body[..at], .. body[end..]],
            Change.Repeat => [.. body[..end], .. body[at..]],
            _ => body[..at],
        };
    }
}
