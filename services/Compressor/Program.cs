using Mlops.Compressor;
using Mlops.Hosting;

var builder = MlopsHost.CreateBuilder(args, "compressor", new ListenOptions { Http = 5104 });
builder.AddCompressor();
return await builder.BuildMlops().RunMlopsAsync();
