using System.Globalization;
using System.Text;

namespace Mlops.Fuzz;

/// <summary>Requests to the REST front: as JSON, as JSON with bytes behind it, as bytes, and as calls.</summary>
internal static class RestCases
{
    private const string LengthHeader = "Inference-Header-Content-Length";

    private static readonly string[] Values =
    [
        "0", "-1", "1.5", "1e400", "-0", "9223372036854775808", "18446744073709551616", "NaN", "null", "true", "\"\"", "\"\\ud800\"", "\"\\u0000\"", "[]", "{}", "[[[[1]]]]",
        "\"FP32\"", "\"BYTES\"", "\"x\"", "\"\\ud83d\\ude00\"", "{\"a\":{\"a\":{\"a\":{}}}}",
    ];

    public static FuzzCase Make(long number, FuzzModel model, Random random)
    {
        var elements = model.Valid.Aggregate(1L, (product, dimension) => product * dimension);
        var raw = Bytes.Elements(model, elements, random);
        var asBytes = model.Datatype is "FP16" or "BF16" || random.Next(3) == 0;
        var shape = string.Join(',', model.Valid);
        var contents = asBytes ? $$"""
            "parameters":{"binary_data_size":{{raw.Length}}}
            """ : $"\"data\":[{Data(model, elements, random)}]";
        var text = $$"""
            {"id":"{{number}}","inputs":[{"name":"x","shape":[{{shape}}],"datatype":"{{model.Datatype}}",{{contents}}}],"outputs":[{"name":"y","parameters":{"binary_data":{{(asBytes ? "true" : "false")}} } }]}
            """;
        var made = new FuzzCase
        {
            Number = number,
            Kind = "rest valid",
            IsGrpc = false,
            Path = $"/v2/models/{model.Name}/infer",
            ContentType = asBytes ? "application/octet-stream" : "application/json",
            Body = With(text, asBytes ? raw : []),
            Headers = Length(asBytes, text),
            Expected = asBytes ? raw : [],
        };
        var what = random.Next(20);
        if (what == 0)
            return made;
        if (what < 11)
        {
            for (var change = random.Next(1, 4); change > 0; change--)
                text = Change(text, random);
            made = made with { Kind = "rest json", Body = With(text, asBytes ? raw : []), Headers = Length(asBytes, text) };
        }
        else if (what < 17)
        {
            var body = made.Body;
            for (var change = random.Next(1, 5); change > 0; change--)
                body = Bytes.Mutate(body, random);
            made = made with { Kind = "rest bytes", Body = body };
        }
        else
        {
            made = Call(made, model, random);
        }

        return made with { Expected = null, IsAborted = random.Next(40) == 0 };
    }

    private static string Data(FuzzModel model, long count, Random random) => string.Join(',', Enumerable.Range(0, (int)count).Select(_ => model.Datatype switch
    {
        "BYTES" => $"\"{(char)random.Next('a', 'z' + 1)}\"",
        "BOOL" => random.Next(2) == 0 ? "true" : "false",
        _ => random.Next(0, 100).ToString(CultureInfo.InvariantCulture),
    }));

    /// <summary>Puts something else for a value, a name or a mark somewhere.</summary>
    private static string Change(string json, Random random)
    {
        var marks = Enumerable.Range(0, json.Length).Where(index => ":,[".Contains(json[index], StringComparison.Ordinal)).ToList();
        if (marks.Count == 0)
            return "{";
        var at = marks[random.Next(marks.Count)] + 1;
        var end = json.AsSpan(at).IndexOfAny(",]}") is var length and >= 0 ? at + length : json.Length;
        return random.Next(8) switch
        {
            0 => json[..at] + new string('[', random.Next(1, 300)) + json[at..],
            1 => json[..at] + json[end..],
            2 => json[..end] + json[(at - 1)..],
            3 => json.Replace("\"shape\"", random.Next(2) == 0 ? "\"shap\"" : "\"inputs\"", StringComparison.Ordinal),
            4 => json.Insert(at, $"\"{new string('k', random.Next(1, 5_000))}\":1,"),
            5 => json[..at],
            _ => json[..at] + Values[random.Next(Values.Length)] + json[end..],
        };
    }

    private static FuzzCase Call(FuzzCase made, FuzzModel model, Random random)
    {
        made = made with { Kind = "rest call" };
        return random.Next(6) switch
        {
            0 => made with { Headers = new() { [LengthHeader] = new[] { "-1", "0", "1", $"{made.Body.Length}", $"{made.Body.Length + 1}", "99999999999999999999", "x" }[random.Next(7)] } },
            1 => made with { Method = new[] { "GET", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH" }[random.Next(6)] },
            2 => made with { Path = new[] { "/v2", "/v2/", "/v2/models", "/v2/models//infer", "/v2/models/%00/infer", "/v2/models/%2e%2e/infer", $"/v2/models/{model.Name}/versions/x/infer", $"/v2/models/{model.Name}/versions/99999999999/infer", "/v2/models/" + new string('m', 5_000) + "/infer" }[random.Next(9)] },
            3 => made with { ContentType = new[] { "text/plain", "application/xml", "application/json; charset=utf-16", "multipart/form-data; boundary=x" }[random.Next(4)] },
            4 => made with { Body = [] },
            _ => made with { Headers = new() { ["Content-Encoding"] = "gzip", ["Accept"] = "application/xml" } },
        };
    }

    private static byte[] With(string json, byte[] behind) => [.. Encoding.UTF8.GetBytes(json), .. behind];

    private static Dictionary<string, string> Length(bool asBytes, string json) => asBytes ? new() { [LengthHeader] = Encoding.UTF8.GetByteCount(json).ToString(CultureInfo.InvariantCulture) } : [];
}
