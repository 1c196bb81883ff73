// Rows that a form may have any number of: one more is made of its `<template data-row>`, in which
// {n} stands for the number of the row.
const ROWS_MAX = 50;

/** One more row, or null where the form has no template or as many as it may have. */
export function addRow(form) {
  const template = form.querySelector("template[data-row]");
  const n = form.querySelectorAll("[data-row-n]").length + 1;
  if (!template || n > ROWS_MAX) return null;
  const row = template.content.firstElementChild.cloneNode(true);
  for (const each of [row, ...row.querySelectorAll("*")]) {
    for (const attribute of each.attributes) attribute.value = attribute.value.replaceAll("{n}", n);
  }
  const texts = document.createTreeWalker(row, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) texts.currentNode.data = texts.currentNode.data.replaceAll("{n}", n);
  template.before(row);
  return row;
}

/** Rows enough for fields of these names. */
export function growTo(form, names) {
  const template = form.querySelector("template[data-row]");
  if (!template) return;
  const patterns = [...template.content.querySelectorAll("[name]")].map((each) => each.getAttribute("name"));
  const isMissing = (name) => !form.elements.namedItem(name);
  for (let n = 1; n <= ROWS_MAX; n++) {
    const wanted = new Set(patterns.map((pattern) => pattern.replaceAll("{n}", n)));
    if (names.some((name) => wanted.has(name) && isMissing(name))) addRow(form);
  }
}
