"""A layer of one's own, a network saved and loaded, and a published one taken from a directory."""

import minitorch as torch
import minitorch.nn as nn


class CustomLayer(nn.Module):
    def __init__(self, in_features, out_features):
        super().__init__()
        self.linear = nn.Linear(in_features, out_features)

    def forward(self, x):
        return self.linear(x)


torch.manual_seed(0)
x = torch.randn(3, 784)
net = nn.Sequential(CustomLayer(784, 128), nn.ReLU(), CustomLayer(128, 10))
outputs = net(x)

torch.save(net.state_dict(), "model.pth")
loaded = nn.Sequential(CustomLayer(784, 128), nn.ReLU(), CustomLayer(128, 10))
result = loaded.load_state_dict(torch.load("model.pth"))
loaded_outputs = loaded(x)

published = torch.hub.load("published", "network", source="local", classes=7)
published_outputs = published(x)
