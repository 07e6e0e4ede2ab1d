using System.Net;
using Mlops.Registry.Durability;
using Mlops.Registry.Facts;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Datasets;

public sealed class ConcurrencyTests
{
    private const int Callers = 8;

    [Fact]
    public async Task Register_DifferentBytesAtTheSameTime_AreVersionsOneToEight()
    {
        await using var server = await DatasetsServer.StartAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, Callers).Select(i => server.RegisterAsync("data", Flowers.Csv + Flowers.Rows(i + 1), Flowers.Spec)));

        answers.ShouldAllBe(answer => answer.Status == HttpStatusCode.Created);
        answers.Select(answer => answer.Dataset.GetProperty("version").GetInt32()).Order().ShouldBe(Enumerable.Range(1, Callers));
        (await server.RowsAsync<PipelineRun>()).Select(run => run.DatasetVersionId).Distinct().Count().ShouldBe(Callers);
    }

    [Fact]
    public async Task Register_TheSameBytesAtTheSameTime_AreOneVersion()
    {
        await using var server = await DatasetsServer.StartAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => server.RegisterAsync("data", Flowers.Csv)));

        answers.Count(answer => answer.Status == HttpStatusCode.Created).ShouldBe(1);
        answers.Count(answer => answer.Status == HttpStatusCode.OK).ShouldBe(Callers - 1);
        answers.Select(answer => answer.Text).Distinct().ShouldHaveSingleItem();
        (await server.RowsAsync<DatasetVersion>()).ShouldHaveSingleItem();
        (await server.RowsAsync<OutboxMessage>()).ShouldHaveSingleItem();
    }
}
