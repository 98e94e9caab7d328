"""An MNIST perceptron trained by Adam, then its accuracy on the test set."""

import minitorch as torch
import minitorch.nn as nn
import minitorch.optim as optim
import minitorch.vision as torchvision

EPOCHS = 10


class MLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(784, 128)
        self.fc2 = nn.Linear(128, 64)
        self.fc3 = nn.Linear(64, 10)

    def forward(self, x):
        x = x.view(-1, 784)
        x = torch.relu(self.fc1(x))
        x = torch.relu(self.fc2(x))
        return self.fc3(x)


torch.manual_seed(0)
to_tensor = torchvision.transforms.ToTensor()
train_set = torchvision.datasets.MNIST(root="./data", train=True, transform=to_tensor, download=True)
train_loader = torch.utils.data.DataLoader(train_set, batch_size=64, shuffle=True)
test_set = torchvision.datasets.MNIST(root="./data", train=False, transform=to_tensor, download=True)
test_loader = torch.utils.data.DataLoader(test_set, batch_size=1000, shuffle=False)
mlp = MLP()
criterion = nn.CrossEntropyLoss()
optimizer = optim.Adam(mlp.parameters(), lr=0.001)

losses = []
for epoch in range(EPOCHS):
    running_loss = 0.0
    for _, data in enumerate(train_loader, 0):
        inputs, labels = data
        optimizer.zero_grad()
        outputs = mlp(inputs)
        loss = criterion(outputs, labels)
        loss.backward()
        optimizer.step()
        running_loss += loss.item()
    losses.append(running_loss / len(train_loader))
    print(f"Epoch {epoch + 1}, loss: {losses[-1]}")

correct = 0
total = 0
with torch.no_grad():
    for images, labels in test_loader:
        outputs = mlp(images)
        _, predicted = torch.max(outputs.data, 1)
        total += labels.size(0)
        correct += (predicted == labels).sum().item()
print(f"Accuracy of the network on the {total} test images: {100 * correct // total}%")
