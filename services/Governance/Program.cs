using Mlops.Governance;
using Mlops.Governance.ModelCheck;
using Mlops.Hosting;

if (CheckModel.IsAskedFor(args))
    return CheckModel.Run(args);
var builder = MlopsHost.CreateBuilder(args, "governance", new ListenOptions { Http = 5106 });
builder.AddGovernance();
var app = builder.BuildMlops();
if (MigrateRegistry.IsAskedFor(args))
    return await app.MigrateRegistryAsync(Console.Out, Console.Error);
app.MapGovernance();
return await app.RunMlopsAsync();
