using Xunit;

// There is one machine at a time: UEFI's services have no argument that could say which.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
