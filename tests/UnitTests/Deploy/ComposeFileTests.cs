using System.Text.RegularExpressions;
using Mlops.Registry.Roles;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Deploy;

/// <summary>What can rot unseen in what describes the containers, because the tests start none.</summary>
public sealed partial class ComposeFileTests
{
    private static readonly string Compose = Read("docker-compose.yml");

    /// <summary>The services' folders: those whose program is a host of ours.</summary>
    public static TheoryData<string> Services() => [.. Directory.GetFiles(Path.Combine(Repository.Root, "services"), "Program.cs", SearchOption.AllDirectories)
        .Where(program => File.ReadAllText(program).Contains("MlopsHost.CreateBuilder", StringComparison.Ordinal))
        .Select(program => Path.GetFileName(Path.GetDirectoryName(program))!)];

    [Fact]
    public void Compose_HoldsNoPassword() => PasswordSetting().Matches(Compose).Select(match => match.Value).ShouldBeEmpty();

    [Fact]
    public void Compose_PublishesPorts_OnLoopbackAlone()
    {
        var lists = PortLists().Matches(Compose).Select(match => match.Groups["list"].Value).ToList();
        lists.Count.ShouldBe(Compose.Split("ports:").Length - 1, "ports are written as [\"…\", \"…\"], so that this test reads them");
        lists.SelectMany(list => list.Split(',', StringSplitOptions.TrimEntries))
            .ShouldAllBe(port => port.StartsWith("\"127.0.0.1:", StringComparison.Ordinal));
    }

    /// <summary>Both, because the compiler that does it comes with the restore.</summary>
    [Fact]
    public void Images_AreCompiledAhead_FromTheRestoreOn() =>
        Regex.Matches(Read("deploy/Dockerfile"), @"dotnet (restore|publish) [^\n]*-p:PublishReadyToRun=true").Select(match => match.Groups[1].Value).ShouldBe(["restore", "publish"]);

    [Theory]
    [MemberData(nameof(Services))]
    public void Service_IsBuiltAndRun_WithTheRoleThatIsItsOwn(string project)
    {
        var service = project.ToLowerInvariant();
        Compose.ShouldContain($"PROJECT: {project} }}");
        Compose.ShouldContain($"Registry__Username: mlops_{service} }}");
        Compose.ShouldContain($"source: registry-{service}, target: Registry__RolePasswords__{service}");
        Regex.IsMatch(Read("deploy/Dockerfile"), $@"for project in [\w ]*\b{project}\b").ShouldBeTrue($"deploy/Dockerfile does not publish {project}");
    }

    [Fact]
    public void Services_AreThoseThatHaveARole() =>
        Services().Select(row => row.Data.ToLowerInvariant()).ShouldBe(ServiceRoles.Services, ignoreOrder: true);

    private static string Read(string file) => File.ReadAllText(Path.Combine(Repository.Root, file));

    [GeneratedRegex("""password['"]?\s*[:=]\s*\S+""", RegexOptions.IgnoreCase)]
    private static partial Regex PasswordSetting();

    [GeneratedRegex(@"ports: \[(?<list>[^\]]+)\]")]
    private static partial Regex PortLists();
}
