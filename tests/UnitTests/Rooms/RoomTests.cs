using System.Reflection;
using System.Xml.Linq;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Rooms;

/// <summary>Who may reference whom, and who alone may use what. A stray is a defect of the architecture: it fails here.</summary>
public sealed class RoomTests
{
    private static readonly string Root = Repository.Root;

    /// <summary>The projects that each room may reference, by their paths.</summary>
    private static readonly Dictionary<string, string[]> MayReference = new()
    {
        ["shared/Contracts"] = [],
        ["shared/Onnx"] = ["shared/Contracts"],
        ["shared/Tabular"] = ["shared/Contracts"],
        ["shared/Artifacts"] = ["shared/Contracts"],
        ["shared/Registry"] = ["shared/Contracts"],
        ["shared/Scoring"] = ["shared/Contracts", "shared/Onnx", "shared/Tabular"],
        ["shared/TorchExport"] = ["shared/Contracts", "shared/Onnx"],
        ["shared/Training"] = ["shared/Contracts", "shared/Onnx", "shared/Tabular", "shared/TorchExport"],
        ["shared/Runs"] = ["shared/Contracts", "shared/Artifacts", "shared/Registry", "shared/Tabular"],
        ["shared/Hosting"] = ["shared/Contracts", "shared/Artifacts", "shared/Registry"],
        ["shared/Search"] = ["shared/Contracts", "shared/Tabular"],
        ["shared/Monitoring"] = ["shared/Contracts"],
        ["shared/Client"] = [],
    };

    /// <summary>Assemblies that only some of ours may use, by the beginning of their names.</summary>
    private static readonly Dictionary<string, string[]> AloneMayUse = new()
    {
        ["TorchSharp"] = ["Mlops.Training", "Mlops.TorchExport", "Mlops.Scoring"],
        ["Microsoft.ML.OnnxRuntime"] = ["Mlops.Scoring", "Mlops.Inference"],
        ["Npgsql"] = ["Mlops.Registry"],
        ["Microsoft.EntityFrameworkCore.Sqlite"] = ["Mlops.Registry"],
        ["Microsoft.Data.Sqlite"] = ["Mlops.Registry"],
        ["AWSSDK"] = ["Mlops.Artifacts"],
        ["Sylvan"] = ["Mlops.Tabular"],
        ["Google.Protobuf"] = ["Mlops.Onnx", "Mlops.Client", "Mlops.Inference", "Mlops.Trainer", "Mlops.Compressor", "Mlops.Training", "Mlops.TorchExport", "Mlops.Scoring"],
        ["Grpc.Net.Client"] = ["Mlops.Client"],
        ["MathNet"] = ["Mlops.Monitoring"],
        ["OpenTelemetry"] = ["Mlops.Hosting"],
        ["MassTransit.RabbitMqTransport"] = ["Mlops.Hosting"],
        ["Spectre.Console"] = ["Mlops.Standalone", "Mlops.Cli"],
        ["YamlDotNet"] = ["Mlops.Cli"],
    };

    public static TheoryData<string> Projects() => [.. ProjectFiles().Select(NameOf)];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_References_OnlyWhatItsRoomMay(string project)
    {
        var references = References(project).ToList();
        var allowed = project.Split('/')[0] switch
        {
            "shared" => MayReference.ShouldContainKeyAndReturn(project),
            "services" when project == "services/Standalone" => references.Where(reference => reference.StartsWith("services/", StringComparison.Ordinal)).Append("shared/Client"),
            "services" when project == "services/Cli" => ["shared/Client"],
            // Never another service.
            "services" => MayReference.Keys.Where(room => room != "shared/Client"),
            _ => references,
        };
        references.Except(allowed).ShouldBeEmpty($"{project} references what its room may not");
    }

    [Theory]
    [InlineData("services/Trainer", true)]
    [InlineData("services/Standalone", true)]
    [InlineData("services/Datasets", false)]
    [InlineData("services/Evaluator", false)]
    [InlineData("services/Compressor", false)]
    [InlineData("services/Inference", false)]
    [InlineData("services/Governance", false)]
    public void Service_CarriesLibTorch_OnlyIfItTrains(string project, bool trains)
    {
        var imports = XDocument.Load(FileOf(project)).Descendants("Import").Any(import => import.Attribute("Project")!.Value.EndsWith("NativeLibraries.targets", StringComparison.Ordinal));
        imports.ShouldBe(trains);
        (trains || !Closure(project).Overlaps(["shared/Training", "shared/TorchExport"])).ShouldBeTrue($"{project} reaches TorchSharp");
    }

    [Fact]
    public void Assemblies_UseLibraries_OnlyFromTheirRooms()
    {
        var strays =
            from path in Directory.GetFiles(AppContext.BaseDirectory, "Mlops.*.dll")
            let assembly = Assembly.LoadFrom(path)
            let name = assembly.GetName().Name!
            where name is not ("Mlops.Testing" or "Mlops.Fuzz") && !name.EndsWith("Tests", StringComparison.Ordinal)
            from reference in assembly.GetReferencedAssemblies()
            from rule in AloneMayUse
            where reference.Name!.StartsWith(rule.Key, StringComparison.Ordinal) && !rule.Value.Contains(name)
            select $"{name} uses {reference.Name}";
        strays.ShouldBeEmpty();
    }

    private static IEnumerable<string> ProjectFiles() => new[] { "shared", "services", "tests" }
        .SelectMany(folder => Directory.GetFiles(Path.Combine(Root, folder), "*.csproj", SearchOption.AllDirectories));

    private static string NameOf(string file) => Path.GetRelativePath(Root, Path.GetDirectoryName(file)!).Replace('\\', '/');

    private static string FileOf(string project) => Path.Combine(Root, project, $"{project.Split('/')[^1]}.csproj");

    private static IEnumerable<string> References(string project) => XDocument.Load(FileOf(project)).Descendants("ProjectReference")
        .Select(reference => NameOf(Path.GetFullPath(Path.Combine(Root, project, reference.Attribute("Include")!.Value))));

    private static HashSet<string> Closure(string project)
    {
        var reached = new HashSet<string>();
        var open = new Stack<string>([project]);
        while (open.TryPop(out var next))
            foreach (var reference in References(next).Where(reached.Add))
                open.Push(reference);
        return reached;
    }
}

internal static class Lookup
{
    public static string[] ShouldContainKeyAndReturn(this Dictionary<string, string[]> rooms, string room)
    {
        rooms.ShouldContainKey(room, $"{room} is a new room: say here what it may reference");
        return rooms[room];
    }
}
