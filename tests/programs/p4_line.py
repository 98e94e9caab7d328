"""A straight line through five points, by 1,000 steps of gradient descent."""

import minitorch as torch
import minitorch.nn as nn
import minitorch.optim as optim

x = torch.tensor([1.0, 2.0, 3.0, 4.0, 5.0], dtype=torch.float32).unsqueeze(1)
y = torch.tensor([2.0, 4.0, 6.0, 8.0, 10.0], dtype=torch.float32).unsqueeze(1)


class LinearRegression(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(1, 1)

    def forward(self, x):
        return self.linear(x)


torch.manual_seed(0)
model = LinearRegression()
criterion = nn.MSELoss()
optimizer = optim.SGD(model.parameters(), lr=0.01)

losses = []
for _ in range(1000):
    y_pred = model(x)
    loss = criterion(y_pred, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
