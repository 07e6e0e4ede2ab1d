using System.Net;
using System.Net.Http.Headers;
using Mlops.Contracts;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Datasets;

/// <summary>Uploads that are refused, or end, while the caller is still sending.</summary>
public sealed class LongUploadTests
{
    private const long Gigabyte = 1L << 30;
    private const string LongRecord = "a record of more than 1048576 characters; at most 1048576 are accepted (is a quote not closed?)";

    public static TheoryData<string, byte[], Problem?> Nonsense => new()
    {
        { "zeros", new byte[4_096], new Problem("header", LongRecord) },
        { "one endless line", "abcdefgh"u8.ToArray(), new Problem("header", LongRecord) },
        { "commas", ","u8.ToArray(), new Problem("header", LongRecord) },
        { "an endless quote", "a,b\n1,2\n3,\"4\n5,6\n"u8.ToArray(), new Problem("", "field 2 opens with a quote that is not closed, or that something other than a comma or a line end follows; quotes inside are accepted doubled", 2) },
        { "empty lines", "\n"u8.ToArray(), new Problem("header", "the first line is empty; the names of the columns, separated by commas, are accepted") },
        { "a short header again and again", "a,b\n1\n"u8.ToArray(), new Problem("", "1 field; 2, as in the header, are accepted", 1) },
        { "bytes that are no text", [0xFF, 0xFE, (byte)'\n'], new Problem("header", "column 1 is named '\\uffff\\uffff', which is not UTF-8; UTF-8 text is accepted") },
        { "noise", Noise(), null },
    };

    [Theory]
    [MemberData(nameof(Nonsense))]
    public async Task Register_AGigabyteOfNonsense_IsRefusedBeforeAllIsSent(string what, byte[] pattern, Problem? problem)
    {
        await using var server = await DatasetsServer.StartAsync();
        using var connection = await RawConnection.OpenAsync(server);
        await connection.BeginUploadAsync("data");

        // As curl does: sends until the answer is there.
        var block = GeneratedContent.Block(pattern);
        var answer = connection.ReadAnswerAsync();
        var sent = 0L;
        for (; sent < Gigabyte && !answer.IsCompleted; sent += block.Length)
            await connection.SendChunkAsync(block);

        sent.ShouldBeLessThan(Gigabyte, what);
        if (problem is not null)
            (await answer).ShouldRefuse(HttpStatusCode.BadRequest, problem);
        else
            (await answer).Status.ShouldBe(HttpStatusCode.BadRequest);
        await server.ShouldBeUntouchedAsync();
    }

    [Fact]
    public async Task Register_AGigabyteOfNonsenseInAForm_IsRefusedToACallerThatSendsToTheEnd()
    {
        await using var server = await DatasetsServer.StartAsync();
        var file = new GeneratedContent("abcdefgh"u8.ToArray(), Gigabyte - 1_000, tellsLength: false);
        file.Headers.ContentType = new MediaTypeHeaderValue("text/csv");

        var answer = await server.PostAsync("/datasets/data/versions", new MultipartFormDataContent { { file, "file", "data.csv" } });

        answer.ShouldRefuse(HttpStatusCode.BadRequest, new Problem("header", LongRecord));
        await server.ShouldBeUntouchedAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Register_MoreBytesThanAccepted_IsTooLarge(bool tellsLength)
    {
        await using var server = await DatasetsServer.StartAsync(maxFileBytes: 1 << 20);
        var content = new GeneratedContent("1,2\n"u8.ToArray(), 64 << 20, tellsLength);
        content.Headers.ContentType = new MediaTypeHeaderValue("text/csv");

        (await server.PostAsync("/datasets/data/versions", content)).ShouldRefuse(HttpStatusCode.RequestEntityTooLarge,
            new Problem("", "the file has more than 1048576 bytes; at most 1048576 are accepted"));
        await server.ShouldBeUntouchedAsync();
        (await server.RegisterAsync("data", Flowers.Csv)).Status.ShouldBe(HttpStatusCode.Created, "the connection still serves");
    }

    [Fact]
    public async Task Register_MoreBytesThanAcceptedInAForm_IsTooLarge()
    {
        await using var server = await DatasetsServer.StartAsync(maxFileBytes: 10);

        (await server.RegisterAsync("data", Flowers.Csv, Flowers.Spec)).ShouldRefuse(HttpStatusCode.RequestEntityTooLarge,
            new Problem("", "the file has more than 10 bytes; at most 10 are accepted"));
        await server.ShouldBeUntouchedAsync();
    }

    [Fact]
    public async Task Register_ExactlyTheBytesAccepted_IsRegistered()
    {
        await using var server = await DatasetsServer.StartAsync(maxFileBytes: Flowers.Csv.Length);

        (await server.RegisterAsync("data", Flowers.Csv)).Status.ShouldBe(HttpStatusCode.Created);
        (await server.RegisterAsync("data", Flowers.Csv, Flowers.Spec)).Status.ShouldBe(HttpStatusCode.Created);
    }

    /// <summary>Left to itself, the server reads on for five seconds and then cuts off whoever sends more slowly.</summary>
    [Fact]
    public async Task Register_RefusedInTheMiddle_IsReadToItsEnd()
    {
        const int Length = 16 << 20;
        var body = new BodyCount();
        await using var server = await DatasetsServer.StartAsync(filter: body);
        var content = new GeneratedContent("a,a\n"u8.ToArray(), Length, tellsLength: true);
        content.Headers.ContentType = new MediaTypeHeaderValue("text/csv");

        (await server.PostAsync("/datasets/data/versions", content)).Status.ShouldBe(HttpStatusCode.BadRequest);

        await UntilAsync(() => body.Read == Length, "all of the body is read");
    }

    [Fact]
    public async Task Register_RefusedInTheMiddle_LetsTheConnectionServeOn()
    {
        await using var server = await DatasetsServer.StartAsync();
        using var connection = await RawConnection.OpenAsync(server);
        await connection.BeginUploadAsync("data");
        await connection.SendChunkAsync("a,a\n"u8.ToArray());

        var refusal = await connection.ReadAnswerAsync();
        await connection.SendChunkAsync(new byte[1 << 20]);
        await connection.EndChunksAsync();
        await connection.SendAsync("GET /datasets HTTP/1.1\r\nHost: localhost\r\n\r\n");
        var next = await connection.ReadAnswerAsync();

        refusal.ShouldRefuse(HttpStatusCode.BadRequest, new Problem("header", "columns 1 and 2 are both named 'a'; each name is accepted once"));
        (next.Status, next.Text).ShouldBe((HttpStatusCode.OK, "[]"));
    }

    [Theory]
    [InlineData("text/csv", "", true)]
    [InlineData("text/csv", "", false)]
    [InlineData("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=file\r\n\r\n", true)]
    [InlineData("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=file\r\n\r\n", false)]
    public async Task Register_CallerHangsUpInTheMiddle_LeavesNothing(string type, string begin, bool hard)
    {
        await using var server = await DatasetsServer.StartAsync();
        using var connection = await RawConnection.OpenAsync(server);
        await connection.SendAsync($"POST /datasets/data/versions HTTP/1.1\r\nHost: localhost\r\nContent-Type: {type}\r\nContent-Length: 1000000\r\n\r\n{begin}{Flowers.Csv}");
        await UntilAsync(() => server.StoredFiles().Length == 1, "the upload's file is there");

        if (hard)
            connection.Reset();
        else
            connection.EndSending();

        await UntilAsync(() => server.StoredFiles().Length == 0, "the upload's file is gone");
        await server.ShouldBeUntouchedAsync();
        await server.StopAsync();
        server.LoggedErrors.ShouldBeEmpty("it is no error of ours");
    }

    private static byte[] Noise()
    {
        var noise = new byte[1 << 16];
        var state = 1u;
        for (var i = 0; i < noise.Length; i++)
            noise[i] = (byte)((state = state * 1_664_525 + 1_013_904_223) >> 24);
        return noise;
    }

    private static async Task UntilAsync(Func<bool> condition, string what)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        bounded.CancelAfter(TimeSpan.FromSeconds(30));
        while (!condition())
        {
            bounded.IsCancellationRequested.ShouldBeFalse($"waited in vain until {what}");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }
}
