"""A ConvNet for coloured pictures of 32 by 32, trained batch by batch by SGD with momentum."""

import minitorch as torch
import minitorch.nn as nn
import minitorch.nn.functional as F
import minitorch.optim as optim
from minitorch.utils.data import DataLoader, TensorDataset

N = 60
EPOCHS = 4


class ConvNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 5)
        self.pool = nn.MaxPool2d(2, 2)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = self.pool(F.relu(self.conv1(x)))
        x = self.pool(F.relu(self.conv2(x)))
        x = x.view(-1, 16 * 5 * 5)
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc2(x))
        return self.fc3(x)


torch.manual_seed(0)
labels = torch.arange(N) % 10
pictures = torch.randn(N, 3, 32, 32) * 0.3 + labels.float().view(-1, 1, 1, 1) - 4.5  # brighter with the label
trainloader = DataLoader(TensorDataset(pictures, labels), batch_size=4, shuffle=True)
net = ConvNet()
criterion = nn.CrossEntropyLoss()
optimizer = optim.SGD(net.parameters(), lr=0.001, momentum=0.9)

losses = []
for epoch in range(EPOCHS):
    running_loss = 0.0
    for _, data in enumerate(trainloader, 0):
        inputs, targets = data
        optimizer.zero_grad()
        outputs = net(inputs)
        loss = criterion(outputs, targets)
        loss.backward()
        optimizer.step()
        running_loss += loss.item()
    losses.append(running_loss / len(trainloader))
    print("Epoch: %d, Loss: %.3f" % (epoch + 1, losses[-1]))  # noqa: UP031
