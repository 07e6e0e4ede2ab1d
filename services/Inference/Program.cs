using Mlops.Hosting;
using Mlops.Inference;

var builder = MlopsHost.CreateBuilder(args, "inference", new ListenOptions { Http = 5105, Grpc = 5115 });
builder.AddInference();
var app = builder.BuildMlops();
app.MapInference();
return await app.RunMlopsAsync();
