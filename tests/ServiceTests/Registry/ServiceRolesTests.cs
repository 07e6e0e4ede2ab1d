using Microsoft.EntityFrameworkCore;
using Mlops.Contracts;
using Mlops.Registry.Audit;
using Mlops.Testing;
using Npgsql;
using Shouldly;
using Xunit;

namespace Mlops.ServiceTests.Registry;

/// <summary>What a service's role can and cannot write. That each can write all that it needs, the end-to-end tests show: their services run as these roles.</summary>
public sealed class ServiceRolesTests(Databases databases)
{
    private const string Denied = "42501";

    /// <summary>A quote in a password must not end it.</summary>
    private const string Password = "it's a test";

    private static readonly string[] AllServices = ["datasets", "trainer", "evaluator", "compressor", "inference", "governance"];

    /// <summary>An insert into each table, as far as its rights are asked for, and who alone may do it.</summary>
    private static readonly Dictionary<string, string[]> Inserts = new()
    {
        ["INSERT INTO dataset_versions SELECT * FROM dataset_versions WHERE false"] = ["datasets"],
        ["INSERT INTO pipeline_runs SELECT * FROM pipeline_runs WHERE false"] = ["datasets"],
        ["INSERT INTO training_runs SELECT * FROM training_runs WHERE false"] = ["trainer"],
        ["INSERT INTO folds SELECT * FROM folds WHERE false"] = ["trainer"],
        ["INSERT INTO trials SELECT * FROM trials WHERE false"] = ["trainer"],
        ["INSERT INTO reproductions SELECT * FROM reproductions WHERE false"] = ["trainer"],
        ["INSERT INTO reproduction_requests SELECT * FROM reproduction_requests WHERE false"] = ["governance"],
        ["INSERT INTO metric_points SELECT * FROM metric_points WHERE false"] = ["trainer", "governance"],
        ["INSERT INTO model_versions SELECT * FROM model_versions WHERE false"] = ["trainer", "compressor", "governance"],
        ["INSERT INTO evaluation_reports SELECT * FROM evaluation_reports WHERE false"] = ["evaluator"],
        ["INSERT INTO compressions SELECT * FROM compressions WHERE false"] = ["compressor"],
        ["INSERT INTO deployments SELECT * FROM deployments WHERE false"] = ["inference"],
        ["INSERT INTO rollouts SELECT * FROM rollouts WHERE false"] = ["governance"],
        ["INSERT INTO rollout_steps SELECT * FROM rollout_steps WHERE false"] = ["governance"],
        ["INSERT INTO rollout_observations SELECT * FROM rollout_observations WHERE false"] = ["inference"],
        ["INSERT INTO promotions SELECT * FROM promotions WHERE false"] = ["governance"],
        ["INSERT INTO pipeline_outcomes SELECT * FROM pipeline_outcomes WHERE false"] = ["governance"],
        ["INSERT INTO pipeline_retries SELECT * FROM pipeline_retries WHERE false"] = ["governance"],
        ["INSERT INTO external_runs SELECT * FROM external_runs WHERE false"] = ["governance"],
        ["INSERT INTO dead_letters SELECT * FROM dead_letters WHERE false"] = ["governance"],
        ["INSERT INTO work_items SELECT * FROM work_items WHERE false"] = ["trainer", "evaluator", "compressor"],
        ["INSERT INTO inbox_messages SELECT * FROM inbox_messages WHERE false"] = ["trainer", "evaluator", "compressor", "governance"],
        ["INSERT INTO outbox_messages SELECT * FROM outbox_messages WHERE false"] = AllServices,
        ["INSERT INTO lineage_edges SELECT * FROM lineage_edges WHERE false"] = AllServices,
        ["INSERT INTO audit_entries SELECT * FROM audit_entries WHERE false"] = [],
        ["""INSERT INTO "__EFMigrationsHistory" SELECT * FROM "__EFMigrationsHistory" WHERE false"""] = [],
    };

    /// <summary>What nobody may do: facts stay as they are.</summary>
    private static readonly string[] Forbidden =
    [
        "UPDATE audit_entries SET actor = 'x'",
        "DELETE FROM audit_entries",
        "TRUNCATE audit_entries",
        "ALTER TABLE audit_entries DISABLE TRIGGER ALL",
        "DROP TABLE audit_entries",
        "UPDATE folds SET metrics = '{}'",
        "DELETE FROM folds",
        "UPDATE trials SET objective = 0",
        "DELETE FROM trials",
        "UPDATE model_versions SET digest = 'x'",
        "DELETE FROM model_versions",
        "UPDATE dataset_versions SET digest = 'x'",
        "UPDATE evaluation_reports SET passed = true",
        "UPDATE promotions SET reason = 'x'",
        "DELETE FROM promotions",
        "UPDATE rollout_steps SET weight = 1",
        "DELETE FROM rollout_observations",
        "UPDATE metric_points SET value = 0",
        "DELETE FROM lineage_edges",
        "UPDATE outbox_messages SET body = 'x'",
        "DELETE FROM work_items",
        "UPDATE work_items SET kind = 'x'",
        "DELETE FROM external_runs",
    ];

    public static TheoryData<string> Services() => [.. AllServices];

    [Theory]
    [MemberData(nameof(Services))]
    public async Task Role_OfAService_WritesTheTablesThatAreItsOwnAlone(string service)
    {
        await using var roles = await AsRoleAsync(service);
        foreach (var (statement, owners) in Inserts)
            (await roles.TryAsync(statement)).ShouldBe(owners.Contains(service) ? null : Denied, $"{service}: {statement}");
        foreach (var statement in Forbidden)
            (await roles.TryAsync(statement)).ShouldBe(Denied, $"{service}: {statement}");
    }

    [Fact]
    public async Task Tables_Each_AreAskedAbout()
    {
        await using var roles = await AsRoleAsync("trainer");
        var tables = await roles.ReadAsync("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'");
        tables.Where(table => !Inserts.Keys.Any(statement => statement.Contains(table, StringComparison.Ordinal))).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("trainer", "('00000000-0000-0000-0000-000000000001', 'TrainingCompleted', '{}', now(), now(), 0)", null)]
    [InlineData("trainer", "('00000000-0000-0000-0000-000000000001', 'ModelPromoted', '{}', now(), now(), 0)", Denied)]
    [InlineData("inference", "('00000000-0000-0000-0000-000000000001', 'ModelEvaluated', '{}', now(), now(), 0)", Denied)]
    [InlineData("datasets", "('00000000-0000-0000-0000-000000000001', 'PipelineFailed', '{}', now(), now(), 0)", Denied)]
    public async Task Role_PublishesAnEvent_OnlyOfItsOwn(string service, string row, string? state)
    {
        await using var roles = await AsRoleAsync(service);
        (await roles.TryAsync($"INSERT INTO outbox_messages (id, type, body, created_at, due_at, attempts) VALUES {row}")).ShouldBe(state);
    }

    [Theory]
    [InlineData("trainer", "train-model", null)]
    [InlineData("trainer", "train-fold", null)]
    [InlineData("trainer", "train-trial", null)]
    [InlineData("evaluator", "train-fold", Denied)]
    [InlineData("evaluator", "train-trial", Denied)]
    [InlineData("trainer", "evaluate-model", Denied)]
    [InlineData("evaluator", "train-model", Denied)]
    [InlineData("compressor", "compress-model", null)]
    public async Task Role_AddsWork_OnlyOfItsOwnKind(string service, string kind, string? state)
    {
        await using var roles = await AsRoleAsync(service);
        (await roles.TryAsync(
            $"""
            INSERT INTO work_items (id, kind, pipeline_run_id, subject_id, requirement, state, attempt, failures, due_at, created_at)
            VALUES (gen_random_uuid(), '{kind}', gen_random_uuid(), gen_random_uuid(), 'cpu', 'Queued', 0, 0, now(), now())
            """)).ShouldBe(state);
    }

    [Fact]
    public async Task Role_OtherServicesWork_IsNotThereToBeTaken()
    {
        await using var roles = await AsRoleAsync("evaluator");
        var run = roles.Registry.Store.NewId();
        await roles.Registry.Store.WriteAsync((db, token) => roles.Registry.Work.EnqueueAsync(db, "train-model", run, run, "cpu", token), TestContext.Current.CancellationToken);
        (await roles.ReadAsync("SELECT kind FROM work_items")).ShouldBe(["train-model"]);
        (await roles.ReadAsync("UPDATE work_items SET state = 'Done' RETURNING kind")).ShouldBeEmpty();
        (await roles.ReadAsync("SELECT kind FROM work_items FOR UPDATE")).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("trainer", "metrics of a training that goes on", null, 1)]
    [InlineData("trainer", "metrics of a finished training", "INSERT INTO training_runs", 0)]
    [InlineData("trainer", "metrics of a finished fold", "INSERT INTO folds", 0)]
    [InlineData("trainer", "metrics of an ended trial", "INSERT INTO trials", 0)]
    [InlineData("trainer", "metrics of a run from elsewhere", "INSERT INTO external_runs", 0)]
    public async Task Role_OfTheTrainer_TakesBackOnlyMetricsThatAreNoFactYet(string service, string what, string? fact, int deleted)
    {
        await using var roles = await AsRoleAsync(service);
        await roles.OwnerAsync("INSERT INTO metric_points VALUES ('00000000-0000-0000-0000-000000000001', 'train/loss', 1, 0.5)");
        if (fact == "INSERT INTO external_runs")
            await roles.OwnerAsync("INSERT INTO external_runs (id, name, source, parameters, dataset_digest, started_at, created_at) VALUES ('00000000-0000-0000-0000-000000000001', 'n', 's', '{}', 'd', now(), now())");
        else if (fact == "INSERT INTO folds")
            await roles.OwnerAsync(
                """
                SET session_replication_role = replica;
                INSERT INTO folds (id, pipeline_run_id, repeat, number, train_rows, held_out_rows, metrics, predictions_digest, epochs, best_epoch, device, backend, code_version, started_at, created_at)
                VALUES ('00000000-0000-0000-0000-000000000001', gen_random_uuid(), 1, 1, 2, 1, '{}', 'd', 1, 1, 'cpu', 'b', 'c', now(), now())
                """);
        else if (fact == "INSERT INTO trials")
            await roles.OwnerAsync(
                """
                SET session_replication_role = replica;
                INSERT INTO trials (id, pipeline_run_id, number, settings, state, epochs, rungs, code_version, started_at, created_at)
                VALUES ('00000000-0000-0000-0000-000000000001', gen_random_uuid(), 1, '{}', 'Failed', 0, '[]', 'c', now(), now())
                """);
        else if (fact is not null)
            await roles.OwnerAsync(
                """
                SET session_replication_role = replica;
                INSERT INTO training_runs (id, pipeline_run_id, epochs, best_epoch, device, backend, code_version, parity, started_at, created_at)
                VALUES ('00000000-0000-0000-0000-000000000001', gen_random_uuid(), 1, 1, 'cpu', 'b', 'c', 0, now(), now())
                """);
        (await roles.ReadAsync("DELETE FROM metric_points RETURNING name")).Count.ShouldBe(deleted, what);
    }

    [Theory]
    [MemberData(nameof(Services))]
    public async Task Role_AppendsToTheAuditLog_ThroughTheFunctionAndTheChainHolds(string service)
    {
        await using var roles = await AsRoleAsync(service);
        await roles.Registry.Store.WriteAsync((db, _) =>
        {
            db.Audit("owner", "first", roles.Registry.Store.NewId(), new { text = "ä <\"quoted\"> 1", number = 1.5 });
            return Task.CompletedTask;
        }, TestContext.Current.CancellationToken);
        (await roles.TryAsync(
            """SELECT append_audit_entries(ARRAY[',"at":"2026-01-02T03:04:05.000006Z","actor":"a \"b\"","action":"second","subjectId":"00000000-0000-0000-0000-000000000001","data":{"b":1, "a":[]}}'])"""))
            .ShouldBeNull();
        var verified = await roles.Registry.Store.ReadAsync(AuditChain.VerifyAsync, TestContext.Current.CancellationToken);
        (verified.Entries, verified.BrokenAt).ShouldBe((2, null));
    }

    [Fact]
    public async Task Grant_PasswordOfNoService_SaysWhichThereAre()
    {
        await using var registry = TestRegistry.OpenPostgres(await databases.Postgres.CreateDatabaseAsync(), options => options.RolePasswords["trainr"] = "secret");
        var fault = await Should.ThrowAsync<Fault>(() => registry.Roles.GrantAsync(TestContext.Current.CancellationToken));
        fault.Message.ShouldBe("Registry:RolePasswords:trainr: there is no such service; datasets, trainer, evaluator, compressor, inference, governance are accepted");
    }

    [Fact]
    public async Task Grant_Again_ChangesNothing()
    {
        await using var roles = await AsRoleAsync("trainer");
        (await roles.Registry.Roles.GrantAsync(TestContext.Current.CancellationToken)).Count.ShouldBe(AllServices.Length);
        (await roles.TryAsync("INSERT INTO training_runs SELECT * FROM training_runs WHERE false")).ShouldBeNull();
        (await roles.TryAsync("INSERT INTO promotions SELECT * FROM promotions WHERE false")).ShouldBe(Denied);
    }

    [Fact]
    public async Task Grant_OnManyDatabasesOfOneServerAtOnce_EachIsDone()
    {
        var registries = new List<TestRegistry>();
        for (var number = 0; number < 6; number++)
            registries.Add(await WithPasswordsAsync(await databases.Postgres.CreateDatabaseAsync()));
        var granted = await Task.WhenAll(registries.Select(registry => registry.Roles.GrantAsync(TestContext.Current.CancellationToken)));
        granted.ShouldAllBe(roles => roles.Count == AllServices.Length);
        foreach (var registry in registries)
            await registry.DisposeAsync();
    }

    private static async Task<TestRegistry> WithPasswordsAsync(string database)
    {
        var registry = TestRegistry.OpenPostgres(database, options =>
        {
            foreach (var name in AllServices)
                options.RolePasswords[name] = Password;
        });
        await registry.Schema.MigrateAsync(TestContext.Current.CancellationToken);
        return registry;
    }

    private async Task<RoleConnection> AsRoleAsync(string service)
    {
        var database = await databases.Postgres.CreateDatabaseAsync();
        var registry = await WithPasswordsAsync(database);
        await registry.Roles.GrantAsync(TestContext.Current.CancellationToken);
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(database) { Username = $"mlops_{service}", Password = Password, Pooling = false }.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        return new RoleConnection(registry, database, connection);
    }

    /// <summary>A connection as a service's role, beside the registry as its owner sees it.</summary>
    private sealed record RoleConnection(TestRegistry Registry, string Database, NpgsqlConnection Connection) : IAsyncDisposable
    {
        /// <returns>Null, or the SQLSTATE with which the statement was refused.</returns>
        public async Task<string?> TryAsync(string statement)
        {
            try
            {
                await ReadAsync(statement);
                return null;
            }
            catch (PostgresException refused)
            {
                return refused.SqlState;
            }
        }

        public async Task<List<string>> ReadAsync(string query)
        {
            await using var command = new NpgsqlCommand(query, Connection);
            await using var reader = await command.ExecuteReaderAsync();
            var values = new List<string>();
            while (await reader.ReadAsync())
                values.Add($"{reader.GetValue(0)}");
            return values;
        }

        public async Task OwnerAsync(string statement)
        {
            await using var owner = new NpgsqlConnection(Database);
            await owner.OpenAsync();
            await using var command = new NpgsqlCommand(statement, owner);
            await command.ExecuteNonQueryAsync();
        }

        public async ValueTask DisposeAsync()
        {
            await Connection.DisposeAsync();
            await Registry.DisposeAsync();
        }
    }
}
