"""Where does a network look?  It is told that there is a triangle, never where, and its gradients point at the place.

The scenes are those of example 15.  A ConvNet learns which shapes are in a picture; s is its score for one of them.

    saliency   |∂s / ∂pixel|, the largest of the three colours                                 (Simonyan et al. 2013)
    Grad-CAM   relu(Σ_c α_c A_c),  α_c = mean of ∂s / ∂A_c,  A_c the maps of the last layer    (Selvaraju et al. 2016)

A module's forward hook sees A, its backward hook sees ∂s / ∂A.  The figure reached is that of the pointing game: how
often the brightest pixel lies in a true box of the shape.
"""

import importlib
import time

import common

import minitorch as torch
import minitorch.nn as nn
import minitorch.nn.functional as F
import minitorch.optim as optim

detector = importlib.import_module("15_detector")  # a module whose name begins with a digit
SHAPES, SIDE = detector.SHAPES, detector.SIDE


class ConvNet(nn.Module):
    def __init__(self):
        super().__init__()
        block = detector.block  # convolution, batch norm, ReLU
        self.features = nn.Sequential(block(3, 16, 2), block(16, 32, 1), block(32, 64, 2), block(64, 64, 1))
        self.fc = nn.Linear(64, len(SHAPES))

    def forward(self, images):
        x = self.features(images)  # (N, 3, 48, 48) -> (N, 64, 12, 12)
        return self.fc(x.mean(dim=(2, 3)))  # (N, 64) -> (N, 3): is there an ellipse, a box, a triangle?


def present(shapes):
    """Return which shapes are there: (N, 4) -> (N, 3) of 0 and 1."""
    return (shapes.unsqueeze(2) == torch.arange(len(SHAPES))).any(dim=1).float()


def train(net, steps, device):
    optimizer = optim.Adam(net.parameters())
    scheduler = optim.lr_scheduler.OneCycleLR(optimizer, max_lr=1e-2, total_steps=steps)
    net.train()
    bar = common.progress(range(steps), "training")
    for _ in bar:
        images, _, shapes = detector.scenes(32)
        optimizer.zero_grad()
        loss = F.binary_cross_entropy_with_logits(net(images.to(device)), present(shapes).to(device))
        loss.backward()
        optimizer.step()
        scheduler.step()
        bar.set_postfix_str(f"loss {loss.item():.4f}")


def look(net, images, k):
    """Return saliency and Grad-CAM of shape k, (N, 48, 48) each."""
    seen = {}

    def see_maps(module, args, output):
        seen["A"] = output.detach()

    def see_gradient(module, grad_input, grad_output):
        seen["dA"] = grad_output[0]

    handles = [net.features.register_forward_hook(see_maps), net.features.register_full_backward_hook(see_gradient)]
    images = images.detach().requires_grad_()
    net(images)[:, k].sum().backward()
    for handle in handles:
        handle.remove()
    saliency = images.grad.abs().amax(dim=1)
    weights = seen["dA"].mean(dim=(2, 3), keepdim=True)  # (N, 64, 1, 1)
    cam = F.relu((weights * seen["A"]).sum(dim=1, keepdim=True))  # (N, 1, 12, 12)
    return saliency.cpu(), F.interpolate(cam, size=SIDE, mode="bilinear").squeeze(1).cpu()


def inside(boxes, shapes, k):
    """Mark the pixels that lie in a box of shape k: (N, 48, 48)."""
    pixel = torch.arange(SIDE) + 0.5
    middle, half = boxes[..., :2, None], boxes[..., 2:, None] / 2  # (N, 4, 2, 1)
    within = ((pixel - middle).abs() < half) & (shapes == k)[..., None, None]  # (N, 4, 2, 48)
    return (within[:, :, 1, :, None] & within[:, :, 0, None, :]).any(dim=1)


def pointing(maps, masks):
    """Return how often the brightest pixel of a map is in the mask, where there is anything in it."""
    maps, masks = maps.flatten(1), masks.flatten(1)
    hits = masks.gather(1, maps.argmax(dim=1, keepdim=True))
    return hits[masks.any(dim=1)].float().mean().item()


def draw(plt, chosen):
    """Draw scenes and, for one shape in each, what the gradients point at."""
    figure, rows = plt.subplots(3, len(chosen), figsize=(13, 5.4))
    names = ("scene", "saliency", "Grad-CAM")
    for column, (image, boxes, shapes, k, saliency, cam) in zip(rows.T, chosen, strict=True):
        picture = image.permute(1, 2, 0)
        grey = (picture.mean(dim=2, keepdim=True).expand(SIDE, SIDE, 3) * 0.8).tolist()
        style = {"extent": (0, SIDE, SIDE, 0)}
        column[0].imshow(picture.tolist(), **style)
        column[1].imshow(saliency.tolist(), cmap="magma", **style)
        column[2].imshow(grey, **style)
        column[2].imshow(
            cam.tolist(), cmap="inferno", alpha=(cam / (cam.max() + 1e-9)).clamp(0, 0.85).tolist(), **style
        )
        for axes in column:
            for x, y, w, h in boxes[shapes == k].tolist():
                axes.add_patch(plt.Rectangle((x - w / 2, y - h / 2), w, h, fill=False, color="white", ls="--", lw=1))
            axes.set(xticks=[], yticks=[], xlim=(0, SIDE), ylim=(SIDE, 0))
            axes.grid(visible=False)
            axes.spines[:].set_visible(False)
        column[0].set_title(f"{SHAPES[k]}?")
    for axes, name in zip(rows[:, 0], names, strict=True):
        axes.set_ylabel(name)
    return figure


def main():
    args = common.parse(common.options(__doc__, epochs=12))
    plt = common.pyplot()
    torch.manual_seed(args.seed)
    net = ConvNet().to(args.device)
    started = time.perf_counter()
    train(net, 50 * args.epochs, args.device)
    seconds = time.perf_counter() - started

    net.eval().requires_grad_(False)  # from now on only the pictures have gradients
    images, boxes, shapes = detector.scenes(300)
    right = ((net(images.to(args.device)).cpu() > 0) == (present(shapes) > 0)).float().mean().item()
    masks = torch.cat([inside(boxes, shapes, k) for k in range(len(SHAPES))])  # (900, 48, 48)
    saliency, cam = map(
        torch.cat, zip(*(look(net, images.to(args.device), k) for k in range(len(SHAPES))), strict=True)
    )
    chance = masks[masks.flatten(1).any(dim=1)].float().mean().item()

    chosen = []  # eight scenes with different shapes in them
    several = (present(shapes).sum(dim=1) > 1).nonzero().flatten().tolist()
    for i in range(8):
        k = i % len(SHAPES)
        n = next(n for n in several[10 * i :] if k in shapes[n].tolist())
        place = k * len(images) + n
        chosen.append((images[n], boxes[n], shapes[n], k, saliency[place], cam[place]))
    path = common.save(draw(plt, chosen), args.out / "17_saliency_gradcam.png")
    print(
        f"{args.epochs} epochs in {seconds:.1f} s on {args.device}: {right:.1%} of the answers are right; the brightest "
        f"pixel is in a box of the shape: saliency {pointing(saliency, masks):.1%}, Grad-CAM {pointing(cam, masks):.1%}, "
        f"chance {chance:.1%}; {path}"
    )


if __name__ == "__main__":
    main()
