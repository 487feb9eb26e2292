import torch, collections, sys
# Made the files beside this script with PyTorch 1.13.1 (Debian 12): python3 make_torch_files.py
d = sys.path[0] + '/'
torch.manual_seed(1)
m=torch.nn.Module(); m.shared=torch.nn.Embedding(5,3); m.lin=torch.nn.Linear(3,5,bias=False); m.lin.weight=m.shared.weight
m.norm=torch.nn.LayerNorm(3)
torch.save(m.state_dict(), d+'state_dict.bin')
base=torch.arange(24).float()
sd=collections.OrderedDict()
sd['whole']=base.reshape(4,6)
sd['transposed']=base.reshape(4,6).t()
sd['slice']=base.reshape(4,6)[1:3,::2]
sd['tail']=base[20:]
sd['scalar']=torch.tensor(2.5)
sd['empty']=torch.zeros(0,7)
sd['expanded']=torch.tensor([1.,2.]).expand(3,2)
for n in ['float64','float16','bfloat16','int64','int32','uint8','bool']:
    sd[n]=torch.tensor([0,1,2,3,100]).to(getattr(torch,n))
sd['parameter']=torch.nn.Parameter(torch.tensor([[1.5,-2.]]))
torch.save(sd,d+'kinds.bin')
torch.save(torch.arange(6).float().reshape(2,3)/4, d+'encoder.pt')
torch.save(torch.nn.Parameter(torch.ones(2,2)), d+'parameter.pt')
torch.save(sd['whole'], d+'legacy.pt', _use_new_zipfile_serialization=False)
torch.save(m, d+'module.pt')
torch.save({'a':torch.zeros(2,dtype=torch.int16)}, d+'int16.pt')
torch.save({'state_dict':{'a':torch.zeros(2)},'epoch':3}, d+'nested.pt')
torch.save([torch.zeros(2)], d+'list.pt')
