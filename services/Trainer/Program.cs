using Mlops.Hosting;
using Mlops.Trainer;

var builder = MlopsHost.CreateBuilder(args, "trainer", new ListenOptions { Http = 5102 });
builder.AddTrainer();
return await builder.BuildMlops().RunMlopsAsync();
