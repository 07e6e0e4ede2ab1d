using System.Net;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Datasets;

/// <summary>What no model can be trained on is refused before a run begins, and nothing is kept of it.</summary>
public sealed class ImpossibleRunTests
{
    private static readonly string ManyRows = string.Concat(Enumerable.Range(0, 60).Select(row => $"{row},{"ab"[row % 2]}\n"));

    public static TheoryData<string, string, string> Cases => new()
    {
        // A label that training never sees.
        { """{"task":"classification","target":"y","split":{"stratify":false,"train":0.2,"validation":0.2,"test":0.6,"seed":2}}""", "x,y\n" + ManyRows + "61,c\n62,d\n63,e\n64,f\n65,g\n66,h\n", "; every class in at least one is accepted: split.stratify true, another split.seed, or more rows of it" },
        // A split with an empty class.
        { """{"task":"classification","target":"y"}""", "x,y\n" + ManyRows + "99,c\n", "y: class 'c' has 1 of 61 rows, too few to stand in train (43) and in test (9) by its share; more rows of it, larger parts, or split.stratify false are accepted" },
        { """{"task":"classification","target":"y"}""", "x,y\n1,a\n,b\n3,\n", "y, row 3: the target is missing; a value in every row is accepted" },
        { """{"task":"regression","target":"x"}""", "x,y\n1,a\n,b\n3,c\n", "x, row 2: the target is missing; a value in every row is accepted" },
        { """{"task":"regression","target":"x","split":{"train":0.5,"validation":0.25,"test":0.25},"crossValidation":{"folds":5}}""", "x,y\n1,a\n2,a\n3,b\n4,b\n", "crossValidation.folds: 5 folds are not accepted for 2 training rows; with at least 5 they are" },
        { """{"task":"classification","target":"y","optimizer":{"type":"adamw","learningRate":0},"model":{"type":"mlp","dropout":1.5},"training":{"epochs":0}}""", "x,y\n" + ManyRows, "model.dropout" },
        { """{"task":"classification","target":"y","optimizer":{"type":"adamw","learningRate":-1}}""", "x,y\n" + ManyRows, "optimizer.learningRate" },
        { """{"task":"regression","target":"x"}""", "x,y\n1,a\n1,b\n1,c\n", "x: the target is the same in every row; numbers that differ are accepted" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Register_WhatNoModelCanBeTrainedOn_SaysWhatIsAccepted(string spec, string csv, string message)
    {
        await using var server = await DatasetsServer.StartAsync();

        var answer = await server.RegisterAsync("flowers", csv, spec);

        answer.Status.ShouldBe(HttpStatusCode.BadRequest, answer.Text);
        answer.Json.GetProperty("detail").GetString()!.ShouldContain(message);
        await server.ShouldBeUntouchedAsync();
    }
}
