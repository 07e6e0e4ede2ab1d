using Mlops.Datasets;
using Mlops.Hosting;

var builder = MlopsHost.CreateBuilder(args, "datasets", new ListenOptions { Http = 5101 });
builder.AddDatasets();
var app = builder.BuildMlops();
app.MapDatasets();
return await app.RunMlopsAsync();
