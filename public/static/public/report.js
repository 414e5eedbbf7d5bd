/* Turns the form into three steps, makes photos small, finds the position, and sends until it has arrived.
   Without it the form works as it stands. Written for old phones: no modules, no syntax newer than 2011. */
(function () {
  "use strict";
  var form = document.getElementById("report");
  if (!form || !window.FormData || !document.querySelectorAll || !window.Blob) return;

  var LONGEST_SIDE = 1600, SMALL_BYTES = 500 * 1024, VAGUE_METRES = 500, TIMEOUT_MS = 120000, DRAFT_MS = 12 * 3600 * 1000;
  var KEPT = ["form_id", "lng", "lat", "accuracy", "address", "choice", "description", "phone", "name", "anonymous"];
  var draftName = "report:" + location.pathname;
  var steps = form.querySelectorAll("fieldset.step");
  var send = at("send"), sending = at("sending"), bar = at("progress"), picker = at("photos"), chosen = at("chosen");
  var photos = [], shrinking = 0, busy = false, waitingForLine = false, current = 0;

  function at(id) { return document.getElementById(id); }
  function words(name, values) {
    var text = form.getAttribute("data-" + name) || "";
    for (var key in values || {}) text = text.replace("{" + key + "}", values[key]);
    return text;
  }
  function button(text, kind, act) {
    var made = document.createElement("button");
    made.type = "button";
    made.className = kind;
    made.textContent = text;
    made.addEventListener("click", act);
    return made;
  }

  /* -- steps ------------------------------------------------------------------------------------------------- */

  function show(number, quietly) {
    current = number;
    for (var i = 0; i < steps.length; i++) steps[i].hidden = i !== number;
    at("step").textContent = words("step", { n: number + 1 });
    if (quietly) return;
    var legend = steps[number].querySelector("legend");
    legend.tabIndex = -1;
    legend.focus();
    window.scrollTo(0, 0);
  }
  function addButtons(number) {
    var row = document.createElement("div");
    row.className = "buttons";
    if (number > 0) row.appendChild(button(words("back"), "second", function () { show(number - 1); }));
    if (number < steps.length - 1) {
      row.appendChild(button(words("next"), "act", function () { if (checked(number)) show(number + 1); }));
    } else {
      row.appendChild(send);
    }
    steps[number].appendChild(row);
  }

  /* -- what is missing ----------------------------------------------------------------------------------------- */

  function fail(name, text) {
    var place = at("error-" + name) || at("error-form"), field = at(name);
    place.textContent = text;
    if (!field) return;
    if (text) field.setAttribute("aria-invalid", "true"); else field.removeAttribute("aria-invalid");
  }
  function value(name) { return form.elements[name].value.replace(/^\s+|\s+$/g, ""); }
  function choice() {
    var found = form.querySelector("input[name=choice]:checked");
    return found ? found.value : "";
  }
  function checked(number) {
    var wrong = [];
    function need(name, there, text) { fail(name, there ? "" : words(text)); if (!there) wrong.push(name); }
    if (number === 1) need("address", value("lng") || value("address"), "where");
    if (number === 2) {
      need("choice", choice(), "what");
      need("description", value("description"), "say");
      need("phone", at("anonymous").checked || value("phone"), "contact");
      need("consent", at("consent").checked, "agree");
    }
    if (wrong.length) at(wrong[0]).focus();
    return !wrong.length;
  }
  function showErrors(errors) {
    var first = null;
    for (var name in errors) {
      if (!errors[name].length) continue;
      fail(name, errors[name].join(" "));
      var place = at("error-" + name) || at("error-form");
      for (var i = 0; i < steps.length; i++) {
        if (steps[i].contains(place) && (first === null || i < first.step)) first = { step: i, place: at(name) || place };
      }
    }
    if (!first) return;
    show(first.step);
    first.place.scrollIntoView();
    if (first.place.focus) first.place.focus();
  }

  /* -- photos -------------------------------------------------------------------------------------------------- */

  /* A canvas turns a photo upright only where the browser reads its orientation by itself. */
  var turnsUpright = window.CSS && CSS.supports && CSS.supports("image-orientation", "from-image") &&
    window.HTMLCanvasElement && HTMLCanvasElement.prototype.toBlob;

  function shrink(file, done) {
    if (!turnsUpright || !/^image\//.test(file.type)) { done(file); return; }
    var image = new Image(), address = URL.createObjectURL(file);
    image.onload = function () {
      URL.revokeObjectURL(address);
      var scale = Math.min(1, LONGEST_SIDE / Math.max(image.naturalWidth, image.naturalHeight));
      if (scale === 1 && file.size <= SMALL_BYTES) { done(file); return; }
      var canvas = document.createElement("canvas");
      canvas.width = Math.max(1, Math.round(image.naturalWidth * scale));
      canvas.height = Math.max(1, Math.round(image.naturalHeight * scale));
      canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
      canvas.toBlob(function (small) { done(small && small.size < file.size ? small : file); }, "image/jpeg", 0.82);
    };
    image.onerror = function () { URL.revokeObjectURL(address); done(file); };
    image.src = address;
  }
  function draw() {
    chosen.innerHTML = "";
    for (var i = 0; i < photos.length; i++) (function (photo, number) {
      var row = document.createElement("li"), image = document.createElement("img");
      image.alt = words("photo", { n: number + 1 });
      image.src = photo.address;
      row.appendChild(image);
      row.appendChild(button(words("remove", { n: number + 1 }), "second", function () {
        URL.revokeObjectURL(photo.address);
        photos.splice(number, 1);
        draw();
        picker.focus();
      }));
      chosen.appendChild(row);
    })(photos[i], i);
  }
  function choose() {
    var files = picker.files, most = +form.getAttribute("data-most");
    var room = most - photos.length - shrinking;
    fail("photos", files.length > room ? words("too-many") : "");
    for (var i = 0; i < Math.min(files.length, room); i++) {
      shrinking++;
      at("shrinking").textContent = words("shrinking");
      shrink(files[i], function (blob) {
        shrinking--;
        if (!shrinking) at("shrinking").textContent = "";
        photos.push({ blob: blob, address: URL.createObjectURL(blob) });
        draw();
      });
    }
    picker.value = "";
  }

  /* -- position ------------------------------------------------------------------------------------------------ */

  function keep(lng, lat, accuracy) {
    form.elements.lng.value = lng;
    form.elements.lat.value = lat;
    form.elements.accuracy.value = accuracy;
    save();
  }
  function locate() {
    var told = at("located");
    told.textContent = words("locating");
    navigator.geolocation.getCurrentPosition(function (found) {
      var metres = Math.round(found.coords.accuracy);
      if (!(metres <= VAGUE_METRES)) { keep("", "", ""); told.textContent = words("vague"); return; }
      keep(found.coords.longitude.toFixed(6), found.coords.latitude.toFixed(6), metres);
      told.textContent = words("located", { m: metres });
      fail("address", "");
    }, function () {
      keep("", "", "");
      told.textContent = words("no-position");
      at("address").focus();
    }, { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 });
  }

  /* -- what was typed, kept in this tab until it has arrived -------------------------------------------------------- */

  function save() {
    var draft = { at: Date.now() };
    for (var i = 0; i < KEPT.length; i++) {
      var name = KEPT[i];
      draft[name] = name === "choice" ? choice() : name === "anonymous" ? at(name).checked : form.elements[name].value;
    }
    try { sessionStorage.setItem(draftName, JSON.stringify(draft)); } catch (full) { /* then without */ }
  }
  function restore() {
    var draft = null;
    try { draft = JSON.parse(sessionStorage.getItem(draftName)); } catch (unreadable) { /* then without */ }
    if (!draft || Date.now() - draft.at > DRAFT_MS) return;
    for (var i = 0; i < KEPT.length; i++) {
      var name = KEPT[i];
      if (!(name in draft)) continue;
      if (name === "choice") {
        var radio = draft.choice && form.querySelector('input[name=choice][value="' + draft.choice + '"]');
        if (radio) radio.checked = true;
      } else if (name === "anonymous") {
        at(name).checked = draft[name];
      } else {
        form.elements[name].value = draft[name];
      }
    }
    if (draft.lng) at("located").textContent = words("located", { m: draft.accuracy });
  }
  function forget() { try { sessionStorage.removeItem(draftName); } catch (gone) { /* nothing to forget */ } }

  /* -- sending ------------------------------------------------------------------------------------------------- */

  function body() {
    picker.disabled = true; /* its empty file would be sent too */
    var data = new FormData(form);
    picker.disabled = false;
    for (var i = 0; i < photos.length; i++) data.append("photos", photos[i].blob, "photo-" + (i + 1) + ".jpg");
    return data;
  }
  function say(text, percent) {
    sending.hidden = !text;
    sending.textContent = text || "";
    bar.hidden = percent === undefined;
    if (percent !== undefined) bar.value = percent;
  }
  function stop(text, label) {
    busy = false;
    send.disabled = false;
    if (label) send.textContent = label;
    say(text);
  }
  function submit() {
    if (busy) return;
    if (shrinking) { setTimeout(submit, 200); return; }
    for (var i = 1; i < steps.length; i++) if (!checked(i)) { if (i !== current) show(i); checked(i); return; }
    busy = true;
    waitingForLine = false;
    send.disabled = true;
    fail("form", "");
    say(words("sending", { p: "0%" }), 0);
    var request = new XMLHttpRequest();
    request.open("POST", location.pathname);
    request.setRequestHeader("X-Requested-With", "XMLHttpRequest");
    request.timeout = TIMEOUT_MS;
    request.upload.onprogress = function (event) {
      if (!event.lengthComputable) return;
      var percent = Math.round(event.loaded / event.total * 100);
      say(percent < 100 ? words("sending", { p: percent + "%" }) : words("arriving"), percent);
    };
    request.onload = function () {
      var answer = null;
      try { answer = JSON.parse(request.responseText); } catch (page) { /* not ours: a proxy's page */ }
      if (request.status === 201 && answer) { forget(); location.replace(answer.next); return; }
      if (request.status === 502 || request.status === 503 || request.status === 504) { broken(); return; }
      stop("", words("again"));
      if (answer && answer.errors) {
        form.elements.form_id.value = answer.form_id;
        save();
        showErrors(answer.errors);
      } else {
        fail("form", answer && answer.message || words("failed"));
      }
    };
    request.onerror = request.ontimeout = request.onabort = broken;
    request.send(body());
  }
  function broken() {
    stop(words("broken"), words("again"));
    waitingForLine = true;
  }

  form.addEventListener("submit", function (event) { event.preventDefault(); submit(); });
  window.addEventListener("online", function () { if (waitingForLine) submit(); });
  function changed(event) {
    if (event.target === picker) { if (event.type === "change") choose(); return; }
    fail(event.target.name, "");
    if (event.target.name === "anonymous") fail("phone", "");
    save();
  }
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  form.className = "scripted";
  if (navigator.geolocation && window.isSecureContext !== false) {
    at("locating").hidden = false;
    at("locate").addEventListener("click", locate);
  }
  for (var i = 0; i < steps.length; i++) addButtons(i);
  if (!form.getAttribute("data-bound")) restore();
  show(0, true);
  if (form.getAttribute("data-bound")) {
    var told = form.querySelectorAll(".error");
    for (i = 0; i < told.length; i++) if (told[i].textContent) { showErrorsOf(told[i]); break; }
  }
  function showErrorsOf(place) {
    for (var i = 0; i < steps.length; i++) if (steps[i].contains(place)) show(i, true);
  }
})();
