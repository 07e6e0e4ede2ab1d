using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Mlops.Contracts.Events;
using Mlops.Contracts.Spec;
using Mlops.Registry;
using Mlops.Registry.Durability;
using Mlops.Registry.Facts;
using Mlops.Registry.Lineage;
using Mlops.Testing;
using Shouldly;
using Xunit;

namespace Mlops.ServiceTests.Trainer;

/// <summary>Trainings that are done again by another process than the one that stored them, on a real RabbitMQ and a real PostgreSQL.</summary>
[Collection(nameof(Broker))]
public sealed class ReproductionTests(Databases databases, Broker broker)
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reproduction_ProvesWhatCanBeHadAgain_AndSaysWhyWhereItCannot()
    {
        await using var cluster = await ServiceCluster.StartAsync(databases.Postgres, broker.Rabbit, "Datasets", "Trainer", "Governance");
        var store = cluster.Registry.Store;
        var picked = await TrainAsync(cluster, """{"name":"picked","task":"classification","target":"class","training":{"epochs":30}}""");
        var other = await TrainAsync(cluster, """{"name":"other","task":"classification","target":"class","training":{"epochs":30,"seed":7}}""");

        // 1. Of the architecture that was picked then, to the last bit of the file.
        using var http = new HttpClient { BaseAddress = cluster["Governance"] };
        using var response = await http.PostAsJsonAsync("/models/picked/versions/1/reproductions", new { actor = "Ada", reason = "audit" }, Stop);
        var id = (await response.Content.ReadFromJsonAsync<JsonElement>(Stop)).GetProperty("id").GetGuid();
        var proof = await ResultAsync(store, id);
        (proof.Verdict, proof.Reason).ShouldBe((ReproductionVerdict.Identical, "weights and preprocessing are the same, bit for bit, and so is the whole file"));
        (proof.Digest, proof.Metrics.Count).ShouldBe((picked.Digest, 0));
        proof.Details!.Candidates.ShouldBeEmpty();
        var lineage = await store.ReadAsync((db, token) => LineageQuery.TraceAsync(db, FactKind.ModelVersion, picked.Id, LineageDirection.Down, token), Stop);
        lineage.Nodes.Single(node => node.Kind == FactKind.Reproduction).Label.ShouldBe("trained again: identical");
        (await store.ReadAsync((db, token) => db.AuditEntries.CountAsync(entry => entry.SubjectId == id && entry.Action == "training.reproduced", token), Stop)).ShouldBe(1);

        // 2. A model that the training did not give is found out, and nothing excuses it.
        var swapped = await ResultAsync(store, await RequestAsync(store, picked, other));
        swapped.Verdict.ShouldBeOneOf(ReproductionVerdict.Equivalent, ReproductionVerdict.Different);
        swapped.Reason.ShouldEndWith(": nothing that is recorded of how they were trained differs");
        swapped.Metrics.Keys.ShouldContain("accuracy");
        swapped.Digest.ShouldBe(picked.Digest);

        // 3. One changed byte of the data set, and there is nothing to prove it from.
        var file = Path.Combine(cluster.Artifacts, "sha256", picked.DatasetDigest[..2], picked.DatasetDigest[2..]);
        var bytes = await File.ReadAllBytesAsync(file, Stop);
        bytes[^2]++;
        File.Delete(file);
        await File.WriteAllBytesAsync(file, bytes, Stop);
        var damaged = await ResultAsync(store, await RequestAsync(store, picked, picked));
        (damaged.Verdict, damaged.Digest, damaged.Backend).ShouldBe((ReproductionVerdict.Failed, null, null));
        damaged.Reason.ShouldContain(picked.DatasetDigest);

        // 4. The runs themselves are as they were.
        (await store.ReadAsync((db, token) => db.PipelineOutcomes.CountAsync(token), Stop)).ShouldBe(0);
        (await store.ReadAsync((db, token) => db.WorkItems.Where(item => item.Kind == ReproductionWork.Kind).Select(item => item.State).Distinct().ToListAsync(token), Stop)).ShouldBe([WorkState.Done]);
    }

    /// <summary>Version 2 and 3 of a model are its variants, which another process compressed than the one that does it again.</summary>
    [Fact]
    public async Task Reproduction_OfAVariant_CompressesAgain_AndFindsOutWhatWasNotCompressedSo()
    {
        await using var cluster = await ServiceCluster.StartAsync(databases.Postgres, broker.Rabbit, "Datasets", "Trainer", "Evaluator", "Compressor", "Governance");
        var store = cluster.Registry.Store;
        const string Spec = """{"name":"NAME","task":"classification","target":"class","model":{"type":"mlp"},"training":{"epochs":EPOCHS},"promotion":{"mode":"manual"}}""";
        var first = await CompressAsync(cluster, Spec.Replace("NAME", "first", StringComparison.Ordinal).Replace("EPOCHS", "20", StringComparison.Ordinal));
        var other = await CompressAsync(cluster, Spec.Replace("NAME", "other", StringComparison.Ordinal).Replace("EPOCHS", "1", StringComparison.Ordinal));

        // 1. Both files, to the last bit: each as whoever is served it would ask.
        using var http = new HttpClient { BaseAddress = cluster["Governance"] };
        foreach (var variant in first.Variants)
        {
            using var response = await http.PostAsJsonAsync($"/models/first/versions/{variant.Version}/reproductions", new { actor = "Ada", reason = "audit" }, Stop);
            var id = (await response.Content.ReadFromJsonAsync<JsonElement>(Stop)).GetProperty("id").GetGuid();
            var proof = await ResultAsync(store, id);
            (proof.Verdict, proof.Variant!.Verdict, proof.Variant.Digest, proof.Variant.IsOfStoredOriginal).ShouldBe((ReproductionVerdict.Identical, ReproductionVerdict.Identical, variant.Digest, true));
            proof.Variant.Reason.ShouldBe("weights and preprocessing are the same, bit for bit, and so is the whole file");
            var lineage = await store.ReadAsync((db, token) => LineageQuery.TraceAsync(db, FactKind.ModelVersion, variant.Id, LineageDirection.Down, token), Stop);
            lineage.Nodes.Single(node => node.Kind == FactKind.Reproduction).Label.ShouldBe("trained again: identical, compressed again: identical");
            var entry = await store.ReadAsync((db, token) => db.AuditEntries.SingleAsync(entry => entry.SubjectId == id && entry.Action == "training.reproduced", token), Stop);
            entry.Data.ShouldContain(variant.Digest);
        }

        // 2. A variant that says it was compressed from this original, and was from another, is found out though it is the same method's.
        foreach (var variant in other.Variants)
        {
            var swapped = await ResultAsync(store, await RequestAsync(store, first.Trained, first.Trained, variant));
            swapped.Verdict.ShouldBe(ReproductionVerdict.Identical);
            swapped.Variant!.Verdict.ShouldBe(ReproductionVerdict.Different);
            swapped.Variant.Reason.ShouldStartWith("the files differ, metrics by at most ");
            swapped.Variant.Reason.ShouldEndWith(": nothing that is recorded of how they were compressed differs");
            (swapped.Variant.IsOfStoredOriginal, swapped.Variant.Digest).ShouldBe((false, first.Variants.Single(own => own.Method == variant.Method).Digest));
        }

        // 3. Where the data is gone, the variant can still be held against the stored original.
        File.Delete(Path.Combine(cluster.Artifacts, "sha256", first.Trained.DatasetDigest[..2], first.Trained.DatasetDigest[2..]));
        var without = await ResultAsync(store, await RequestAsync(store, first.Trained, first.Trained, first.Variants[0]));
        (without.Verdict, without.Variant!.Verdict, without.Variant.IsOfStoredOriginal).ShouldBe((ReproductionVerdict.Failed, ReproductionVerdict.Failed, true));
        without.Variant.Reason.ShouldBe("its original was not made again; compressing the stored original gives the stored variant");

        // 4. What kills its workers is given up, and told of both.
        var givenUp = await ResultAsync(store, await RequestAsync(store, first.Trained, first.Trained, first.Variants[0], failures: 5));
        (givenUp.Verdict, givenUp.Reason).ShouldBe((ReproductionVerdict.Failed, "failed 5 times; the last error: the worker died"));
        (givenUp.Variant!.Verdict, givenUp.Variant.Reason, givenUp.Variant.IsOfStoredOriginal).ShouldBe((ReproductionVerdict.Failed, "its original was not made again", null));
    }

    private static async Task<(Trained Trained, IReadOnlyList<ModelVersion> Variants)> CompressAsync(ServiceCluster cluster, string spec)
    {
        var trained = await TrainAsync(cluster, spec);
        var store = cluster.Registry.Store;
        await Servers.UntilAsync(() => store.ReadAsync((db, token) => db.Compressions.AnyAsync(compression => compression.PipelineRunId == trained.Run, token), Stop), Longest, "the variants");
        var variants = await store.ReadAsync((db, token) => db.ModelVersions.AsNoTracking().Where(version => version.ParentId == trained.Id).OrderBy(version => version.Version).ToListAsync(token), Stop);
        variants.Select(variant => variant.Method).ShouldBe(CompressionSpec.AllMethods);
        return (trained, variants);
    }

    private static async Task<Trained> TrainAsync(ServiceCluster cluster, string spec)
    {
        var run = await Pipelines.RegisterAsync(cluster["Datasets"], "iris", Pipelines.Sample("iris"), spec, Stop);
        ModelVersion? version = null;
        await Servers.UntilAsync(async () =>
        {
            version = await cluster.Registry.Store.ReadAsync((db, token) => db.ModelVersions.SingleOrDefaultAsync(version => version.PipelineRunId == run && version.ParentId == null, token), Stop);
            return version is not null;
        }, Longest, "the model");
        return await cluster.Registry.Store.ReadAsync(async (db, token) => new Trained(
            run, await db.TrainingRuns.Where(training => training.PipelineRunId == run).Select(training => training.Id).SingleAsync(token),
            version!.Id, version.Digest, await db.DatasetVersions.Select(dataset => dataset.Digest).SingleAsync(token)), Stop);
    }

    /// <summary>Asks as governance does, for any training, model and variant.</summary>
    private static Task<Guid> RequestAsync(RegistryStore store, Trained training, Trained model, ModelVersion? variant = null, int failures = 0) => store.WriteAsync((db, _) =>
    {
        var request = new ReproductionRequest
        {
            Id = store.NewId(),
            PipelineRunId = training.Run,
            TrainingRunId = training.Training,
            ModelVersionId = model.Id,
            VariantId = variant?.Id,
            Actor = "Ada",
            Reason = "audit",
            CreatedAt = store.Now(),
        };
        db.Insert(request);
        if (failures > 0)
        {
            db.Insert(new WorkItem
            {
                Id = store.NewId(),
                Kind = ReproductionWork.Kind,
                PipelineRunId = training.Run,
                SubjectId = request.Id,
                Requirement = "cpu",
                Failures = failures,
                Attempt = failures,
                DueAt = store.Now(),
                CreatedAt = store.Now(),
            });
        }
        db.Publish(new ReproductionRequested
        {
            EventId = store.NewId(),
            OccurredAt = store.Now(),
            PipelineRunId = training.Run,
            ReproductionId = request.Id,
            TrainingRunId = training.Training,
            ModelVersionId = model.Id,
            Digest = model.Digest,
            VariantId = variant?.Id,
        });
        return Task.FromResult(request.Id);
    }, Stop);

    private static async Task<Reproduction> ResultAsync(RegistryStore store, Guid id)
    {
        Reproduction? result = null;
        await Servers.UntilAsync(async () =>
        {
            result = await store.ReadAsync((db, token) => db.Reproductions.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, token), Stop);
            return result is not null;
        }, Longest, "what came of it");
        return result!;
    }

    private sealed record Trained(Guid Run, Guid Training, Guid Id, string Digest, string DatasetDigest);
}
