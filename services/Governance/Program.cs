using Mlops.Governance;
using Mlops.Hosting;

var builder = MlopsHost.CreateBuilder(args, "governance", new ListenOptions { Http = 5106 });
builder.AddGovernance();
var app = builder.BuildMlops();
app.MapGovernance();
await app.RunAsync();
