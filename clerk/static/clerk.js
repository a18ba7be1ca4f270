// Scanning with the camera where the browser can, and no second tap on a button that is at work. The pages work without it.
"use strict";

const scan = document.getElementById("scan");
const camera = document.getElementById("camera");
const fault = document.getElementById("camera-fault");
const EVERY_MS = 200;
let stream = null;

function stop() {
  for (const track of stream ? stream.getTracks() : []) track.stop();
  stream = null;
  camera.hidden = true;
  scan.hidden = false;
}

async function begin(detector) {
  scan.hidden = true;
  fault.hidden = true;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  } catch (error) {
    fault.textContent = error.name === "NotAllowedError" ? "浏览器没有得到使用相机的许可，请直接输入码。" : "打不开相机，请直接输入码。";
    fault.hidden = false;
    scan.hidden = false;
    return;
  }
  const video = camera.querySelector("video");
  video.srcObject = stream;
  camera.hidden = false;
  await video.play();
  read(detector, video);
}

async function read(detector, video) {
  if (!stream) return;
  const found = await detector.detect(video).catch(() => []);
  if (found.length && stream) {
    stop();
    const field = document.getElementById("code");
    field.value = found[0].rawValue.trim().slice(0, 64);
    field.form.requestSubmit();
    return;
  }
  setTimeout(() => read(detector, video), EVERY_MS);
}

async function offerScanning() {
  if (!scan || !("BarcodeDetector" in window) || !navigator.mediaDevices) return;
  const formats = await BarcodeDetector.getSupportedFormats();
  const wanted = ["qr_code", "code_128"].filter((one) => formats.includes(one));
  if (!wanted.length) return;
  const detector = new BarcodeDetector({ formats: wanted });
  scan.addEventListener("click", () => begin(detector));
  document.getElementById("stop").addEventListener("click", stop);
  scan.hidden = false;
}

for (const form of document.forms) {
  form.addEventListener("submit", () => {
    setTimeout(() => form.querySelectorAll("button").forEach((one) => { one.disabled = true; }), 0);
  });
}

// A page that the browser kept shows a voucher as it was then.
window.addEventListener("pageshow", (event) => { if (event.persisted) location.replace("/clerk"); });

offerScanning();
