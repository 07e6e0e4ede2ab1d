using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Mlops.Contracts.Rollouts;
using Mlops.Registry;
using Mlops.Registry.Audit;
using Mlops.Registry.Facts;
using Mlops.Testing;
using Shouldly;
using Xunit;

namespace Mlops.ServiceTests.Registry;

/// <summary>What a transaction inserts: on PostgreSQL by statements of our own, which EF Core's reading is the oracle for.</summary>
public sealed class InsertTests(Databases databases)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Sqlite")]
    [InlineData("Postgres")]
    public async Task Insert_RowsOfEveryTableInAnyOrder_AreReadBackAsTheyWere(string database)
    {
        await using var registry = await databases.CreateAsync(database);
        var rows = await registry.Store.ReadAsync((db, _) => Task.FromResult(new Sample(registry.Store, db.Model).Rows()), Stop);
        await registry.Store.WriteAsync((db, _) =>
        {
            db.Insert(rows.Reverse());
            return Task.CompletedTask;
        }, Stop);
        await registry.Store.ReadAsync(async (db, token) =>
        {
            foreach (var row in rows)
            {
                var key = db.Model.FindEntityType(row.GetType())!.FindPrimaryKey()!.Properties.Select(property => property.PropertyInfo!.GetValue(row)).ToArray();
                var read = await db.FindAsync(row.GetType(), key, token);
                JsonSerializer.Serialize(read).ShouldBe(JsonSerializer.Serialize(row), row.GetType().Name);
            }
            return true;
        }, Stop);
        rows.Select(row => row.GetType()).Distinct().Count().ShouldBeGreaterThan(12);
    }

    [Theory]
    [InlineData("Sqlite")]
    [InlineData("Postgres")]
    public async Task SaveChanges_AfterAnInsert_TheTransactionSeesItAndWritesItOnce(string database)
    {
        await using var registry = await databases.CreateAsync(database);
        var seen = await registry.Store.WriteAsync(async (db, token) =>
        {
            db.Insert(SampleFacts.Dataset(registry.Store));
            await db.SaveChangesAsync(token);
            db.Insert(SampleFacts.Dataset(registry.Store, "another"));
            return await db.DatasetVersions.CountAsync(token);
        }, Stop);
        seen.ShouldBe(1);
        (await registry.Store.ReadAsync((db, token) => db.DatasetVersions.CountAsync(token), Stop)).ShouldBe(2);
    }

    [Theory]
    [InlineData("Sqlite")]
    [InlineData("Postgres")]
    public async Task Write_OneRowIsThereAlready_SaysSoAndLeavesNothing(string database)
    {
        await using var registry = await databases.CreateAsync(database);
        var first = SampleFacts.Dataset(registry.Store);
        await WriteAsync(first);
        await Should.ThrowAsync<DbUpdateException>(() => WriteAsync(SampleFacts.Dataset(registry.Store, "another"), first));

        var (datasets, events, audit) = await registry.Store.ReadAsync(async (db, token) =>
            (await db.DatasetVersions.CountAsync(token), await db.OutboxMessages.CountAsync(token), await AuditChain.VerifyAsync(db, token)), Stop);
        (datasets, events, audit.Entries, audit.BrokenAt).ShouldBe((1, 1, 1, null));
        // The connection that it failed on goes on to be used.
        await WriteAsync(SampleFacts.Dataset(registry.Store, "a third"));

        Task WriteAsync(params DatasetVersion[] versions) => registry.Store.WriteAsync((db, _) =>
        {
            db.Insert(versions);
            db.Publish(SampleFacts.Failed(registry.Store, registry.Store.NewId()));
            db.Audit("test", "dataset.registered", versions[0].Id, new { });
            return Task.CompletedTask;
        }, Stop);
    }

    /// <summary>Two rows of every table but the audit log's: one with everything in it, one with as little as may be.</summary>
    private sealed class Sample(RegistryStore store, IModel model)
    {
        private readonly Dictionary<IEntityType, object[]> _rows = [];
        private int _number;

        public IReadOnlyList<object> Rows()
        {
            foreach (var entity in model.GetEntityTypes().Where(entity => entity.ClrType != typeof(AuditEntry)))
                Of(entity);
            return [.. _rows.Values.SelectMany(rows => rows)];
        }

        private object[] Of(IEntityType entity)
        {
            if (_rows.TryGetValue(entity, out var known))
                return known;
            object[] rows = [Activator.CreateInstance(entity.ClrType)!, Activator.CreateInstance(entity.ClrType)!];
            // The keys first, so that a row can refer to one of its own table.
            foreach (var property in entity.GetProperties().OrderBy(property => !property.IsPrimaryKey()))
            {
                Set(property, rows[0], Value(property, rows, 1));
                if (!property.IsNullable)
                    Set(property, rows[1], Value(property, rows, 0));
            }
            return _rows[entity] = rows;
        }

        private object Value(IProperty property, object[] own, int other)
        {
            if (property.GetContainingForeignKeys().FirstOrDefault() is { } key)
            {
                var principal = key.PrincipalEntityType == property.DeclaringType ? own[other] : Of(key.PrincipalEntityType)[1 - other];
                return key.PrincipalKey.Properties[key.Properties.ToList().IndexOf(property)].PropertyInfo!.GetValue(principal)!;
            }
            var (type, number) = (Nullable.GetUnderlyingType(property.ClrType) ?? property.ClrType, ++_number);
            return type switch
            {
                _ when type == typeof(string) => $"text {number}: \"é\", \\ and ,{{}}",
                _ when type == typeof(Guid) => store.NewId(),
                _ when type == typeof(int) => number,
                _ when type == typeof(long) => (long)number << 32,
                _ when type == typeof(double) => number + 0.1,
                _ when type == typeof(bool) => other == 1,
                _ when type == typeof(byte[]) => new byte[] { 0, 1, (byte)number },
                _ when type == typeof(DateTimeOffset) => SampleFacts.At.AddMicroseconds(number),
                _ when type.IsEnum => Enum.GetValues(type).GetValue(1)!,
                _ when type == typeof(IReadOnlyDictionary<string, double>) => new Dictionary<string, double> { ["accuracy"] = number },
                _ when type == typeof(IReadOnlyDictionary<string, JsonElement>) => new Dictionary<string, JsonElement> { ["model.hidden"] = JsonElement.Parse("[64,\"é\"]") },
                _ when type == typeof(IReadOnlyList<RungValue>) => new List<RungValue> { new(number, 0.1) },
                _ when type == typeof(Contracts.TrainingProgress) => new Contracts.TrainingProgress { Epoch = number, MostEpochs = 9, TrainingLoss = 0.1, LearningRate = 0.2, RowsPerSecond = 0.3, SecondsLeft = 0.4 },
                _ when type == typeof(Contracts.TrainingDetails) => new Contracts.TrainingDetails
                {
                    Model = new Contracts.Spec.LinearSpec(),
                    Candidates = [],
                    Notes = ["é"],
                    Environment = Environment(number),
                    TrainRows = number,
                    Seconds = 0.1,
                    Epochs = number,
                },
                _ when type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>) && type != typeof(IReadOnlyDictionary<string, double>) => JsonSerializer.Deserialize("{}", type)!,
                _ when type == typeof(Contracts.ModelSignature) => SampleFacts.Model(store, SampleFacts.Run(store, SampleFacts.Dataset(store))).Signature,
                _ when type == typeof(VariantReproduction) => new VariantReproduction(
                    ReproductionVerdict.Equivalent, "é", null, new Dictionary<string, ReproducedMetric> { ["accuracy"] = new(number, 0.1) }, IsOfStoredOriginal: true),
                _ when type == typeof(RolloutObjectives) => new RolloutObjectives { MaxDrift = number },
                _ when type == typeof(ObservedAnswers) => new ObservedAnswers
                {
                    Requests = number,
                    Errors = 1,
                    Latency = new Dictionary<int, long> { [-number] = number },
                    Outputs = new Dictionary<string, ObservedOutput> { ["y[0]"] = new(new Dictionary<int, long>(), new Dictionary<string, long> { ["é"] = 2 }) },
                },
                _ => JsonSerializer.Deserialize("[]", type)!,
            };
        }

        private static Contracts.TrainingEnvironment Environment(int number) => new()
        {
            OperatingSystem = "é",
            Architecture = "X64",
            Processor = "p",
            Processors = number,
            CpuFeatures = ["avx2"],
            Runtime = "r",
            Packages = new Dictionary<string, string> { ["a"] = "1" },
            Kernels = new Dictionary<string, string>(),
            Threads = 1,
            CudaDevices = 0,
            PeakMemoryBytes = number,
        };

        private static void Set(IProperty property, object row, object value) => property.PropertyInfo!.SetValue(row, value);
    }
}
