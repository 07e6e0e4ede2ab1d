using Mlops.Governance;
using Mlops.Hosting;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Governance;

public sealed class MigrateRegistryTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mlops-migrate-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Migrate_EmptyDatabase_AppliesAndSaysWhich()
    {
        var (code, output, errors) = await MigrateAsync($"Data Source={_folder}/registry.db");

        (code, errors).ShouldBe((0, ""));
        output.ShouldContain("applied 20");
        output.ShouldContain("_Initial\n");
        output.ShouldContain("_AuditAppendOnly\n");

        (await MigrateAsync($"Data Source={_folder}/registry.db")).ShouldBe((0, "nothing to apply: the registry has this build's schema\n", ""));
    }

    [Fact]
    public async Task Migrate_DatabaseThatCannotBeOpened_SaysSoAndFails()
    {
        var (code, output, errors) = await MigrateAsync($"Data Source={_folder}/no/such/folder/registry.db");

        (code, output).ShouldBe((1, ""));
        errors.ShouldStartWith("the registry was not migrated: ");
    }

    [Fact]
    public async Task Migrate_NotConfigured_NamesTheOption()
    {
        var (code, _, errors) = await MigrateAsync("");

        code.ShouldBe(1);
        errors.ShouldContain("ConnectionString");
    }

    [Fact]
    public void IsAskedFor_OtherArguments_IsFalse()
    {
        MigrateRegistry.IsAskedFor(["migrate", "--Registry:Provider=Postgres"]).ShouldBeTrue();
        MigrateRegistry.IsAskedFor([]).ShouldBeFalse();
        MigrateRegistry.IsAskedFor(["--Listen:Http=1"]).ShouldBeFalse();
    }

    private async Task<(int Code, string Output, string Errors)> MigrateAsync(string connectionString)
    {
        var builder = MlopsHost.CreateBuilder(
            ["migrate", $"--Registry:ConnectionString={connectionString}", $"--Artifacts:Root={_folder}/artifacts", "--Logging:LogLevel:Default=None"],
            "governance", new ListenOptions());
        builder.AddGovernance();
        await using var app = builder.BuildMlops();
        using StringWriter output = new() { NewLine = "\n" }, errors = new() { NewLine = "\n" };
        return (await app.MigrateRegistryAsync(output, errors), output.ToString(), errors.ToString());
    }
}
